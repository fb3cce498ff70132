import { finding, type Watch } from '../finding.ts'
import type { TypeName } from '../types/file-types.ts'

/** How far a format says that it goes on, from the bytes at hand: skip so many, then read `next` more. */
interface Step {
  readonly skip: number
  readonly read: number
}

/** Reads the bytes that were asked for, and says what comes next: nothing to skip and to read is the end. */
type Walk = (bytes: Buffer) => Step | 'broken'

/**
 * Follows a format from its first byte to its last: what stands behind the end, or is none of the format, is how one file
 * is two (an archive or a script behind a picture). Null for formats of which honest files do not end where they say.
 */
export function watchStructure(type: TypeName): Watch | null {
  switch (type) {
    case 'image/png':
      return createWalk({ skip: 8, read: 8 }, walkPng)
    case 'image/gif':
      return createWalk({ skip: 6, read: 7 }, createGifWalk())
    case 'image/webp':
      return createWalk({ skip: 0, read: 8 }, walkRiff)
    default:
      return null
  }
}

/** Chunks: length, name, content, checksum; `IEND` is the last. */
const walkPng: Walk = (bytes) => {
  const length = bytes.readUInt32BE(0)
  const name = bytes.toString('latin1', 4, 8)
  if (!/^[A-Za-z]{4}$/.test(name) || length > 0x7fffffff) return 'broken'
  return name === 'IEND' ? { skip: length + 4, read: 0 } : { skip: length + 4, read: 8 }
}

/** One chunk holds all others and says its length; a byte may fill it up to an even one. */
const walkRiff: Walk = (bytes) => {
  const length = bytes.readUInt32LE(4)
  return { skip: length + (length & 1), read: 0 }
}

/** Blocks: images and extensions, each a row of sub-blocks that an empty one ends; `;` is the last byte. */
function createGifWalk(): Walk {
  let expects: 'screen' | 'block' | 'label' | 'image' | 'sub' = 'screen'
  const table = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))
  return (bytes) => {
    const first = bytes[0] as number
    switch (expects) {
      case 'screen':
        expects = 'block'
        return { skip: table(bytes[4] as number), read: 1 }
      case 'block':
        if (first === 0x3b) return { skip: 0, read: 0 }
        if (first !== 0x2c && first !== 0x21) return 'broken'
        expects = first === 0x2c ? 'image' : 'label'
        return { skip: 0, read: first === 0x2c ? 9 : 1 }
      case 'image':
        expects = 'sub'
        return { skip: table(bytes[8] as number) + 1, read: 1 }
      case 'label':
        expects = 'sub'
        return { skip: 0, read: 1 }
      case 'sub':
        if (first === 0) expects = 'block'
        return { skip: first, read: 1 }
    }
  }
}

function createWalk(begin: Step, walk: Walk): Watch {
  let skip = begin.skip
  let wanted = Buffer.alloc(begin.read)
  let have = 0
  const broken = finding('uploads_type', 'content', 'a file that is what it begins as, to its end and no further')
  return {
    write(bytes) {
      let at = 0
      while (at < bytes.length) {
        if (skip > 0) {
          const taken = Math.min(skip, bytes.length - at)
          skip -= taken
          at += taken
          continue
        }
        if (wanted.length === 0) return broken
        const taken = bytes.copy(wanted, have, at, at + wanted.length - have)
        have += taken
        at += taken
        if (have < wanted.length) continue
        const step = walk(wanted)
        if (step === 'broken') return broken
        skip = step.skip
        if (wanted.length !== step.read) wanted = Buffer.alloc(step.read)
        have = 0
      }
      return null
    },
    end: () => (skip === 0 && wanted.length === 0 ? null : broken),
  }
}
