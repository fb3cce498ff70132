import { detectText, isText } from './detect-text.ts'
import type { TypeName } from './file-types.ts'

/**
 * What a file's first bytes say that it is. `zip` and `text` stand for several types: the archive's directory and the
 * declared type decide between them. Null: nothing that can be allowed.
 */
export type Detected = TypeName | 'zip' | 'text' | 'executable' | null

/** How much of a file decides. */
export const headBytes = 4096

/**
 * Tells a file's type from how it begins, never from its name.
 * @param head the first `headBytes` of the file, or all of it
 */
export function detectType(head: Buffer): Detected {
  for (const [type, isIt] of binaries) if (isIt(head)) return type
  return detectText(head)
}

type Test = (head: Buffer) => boolean

const begins =
  (...bytes: number[]): Test =>
  (head) =>
    bytes.every((byte, at) => head[at] === byte)
const says =
  (text: string, at = 0): Test =>
  (head) =>
    head.toString('latin1', at, at + text.length) === text
const either =
  (...tests: Test[]): Test =>
  (head) =>
    tests.some((test) => test(head))
const both =
  (...tests: Test[]): Test =>
  (head) =>
    tests.every((test) => test(head))
const brand = (...brands: string[]): Test => both(says('ftyp', 4), either(...brands.map((one) => says(one, 8))))

/** In this order: what runs comes first, so that nothing is taken for less. */
const binaries: readonly (readonly [Detected, Test])[] = [
  // PE, ELF, Mach-O and Java classes, scripts, WebAssembly, Dalvik, static libraries, shortcuts, compound files (MSI,
  // old Office documents with their macros).
  ['executable', either(isProgram, says('\x7fELF'), says('#!'), says('\0asm'), says('dex\n'), says('!<arch>'))],
  [
    'executable',
    either(begins(0xfe, 0xed, 0xfa, 0xce), begins(0xfe, 0xed, 0xfa, 0xcf), begins(0xca, 0xfe, 0xba, 0xbe)),
  ],
  [
    'executable',
    either(begins(0xce, 0xfa, 0xed, 0xfe), begins(0xcf, 0xfa, 0xed, 0xfe), begins(0xca, 0xfe, 0xba, 0xbf)),
  ],
  ['executable', either(begins(0x4c, 0, 0, 0, 1, 0x14, 2, 0), begins(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1))],
  ['image/png', begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
  ['image/jpeg', begins(0xff, 0xd8, 0xff)],
  ['image/gif', either(says('GIF87a'), says('GIF89a'))],
  ['image/webp', both(says('RIFF'), says('WEBP', 8))],
  ['audio/wav', both(says('RIFF'), says('WAVE', 8))],
  ['image/avif', brand('avif', 'avis')],
  ['video/quicktime', brand('qt  ')],
  ['audio/mp4', brand('M4A ', 'M4B ')],
  ['video/mp4', brand('isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'dash', 'MSNV')],
  ['image/bmp', isBitmap],
  ['application/pdf', says('%PDF-')],
  ['zip', either(begins(0x50, 0x4b, 3, 4), begins(0x50, 0x4b, 5, 6))],
  ['application/gzip', begins(0x1f, 0x8b, 8)],
  ['application/zstd', begins(0x28, 0xb5, 0x2f, 0xfd)],
  ['application/x-7z-compressed', begins(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c)],
  ['application/x-tar', both(says('ustar', 257), isTarHeader)],
  [
    'video/webm',
    both(begins(0x1a, 0x45, 0xdf, 0xa3), (head) => head.subarray(0, 64).includes('\x42\x82\x84webm', 0, 'latin1')),
  ],
  ['audio/ogg', says('OggS\0')],
  [
    'audio/mpeg',
    either(
      both(says('ID3'), (head) => (head[3] ?? 255) < 16),
      isMpegFrame,
    ),
  ],
]

/** PE and DOS; two letters alone begin texts as well. */
function isProgram(head: Buffer): boolean {
  return says('MZ')(head) && !isText(head)
}

/** `BM` alone begins many texts: the second header has one of a few lengths, and two fields are zero. */
function isBitmap(head: Buffer): boolean {
  if (!says('BM')(head) || head.length < 26) return false
  return head.readUInt32LE(6) === 0 && [12, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14))
}

/** Frame sync, a version and layer III, a bit rate and a sampling rate that exist. */
function isMpegFrame(head: Buffer): boolean {
  const [first = 0, second = 0, third = 0] = head
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return false
  const hasVersion = (second & 0x18) !== 0x08
  const hasRates = third >> 4 !== 0 && third >> 4 !== 15 && (third & 0x0c) !== 0x0c
  return hasVersion && (second & 0x06) === 0x02 && hasRates
}

/** The sum of a header's bytes, with its own field taken for spaces (POSIX.1-2017, pax). */
export function isTarHeader(header: Buffer): boolean {
  if (header.length < 512) return false
  let sum = 8 * 0x20
  for (let at = 0; at < 512; at++) if (at < 148 || at >= 156) sum += header[at] as number
  return (
    Number.parseInt(
      header
        .toString('latin1', 148, 156)
        .replace(/[\0 ]+$/, '')
        .trim(),
      8,
    ) === sum
  )
}
