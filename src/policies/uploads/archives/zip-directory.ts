import type { Finding } from '../finding.ts'
import { checkEntryPath } from './check-path.ts'
import { brokenArchive, encryptedArchive, linkInArchive, type UnpackBudget } from './limits.ts'

/** One entry, of which both headers say the same. */
export interface ZipEntry {
  readonly name: string
  readonly isFolder: boolean
  readonly method: 0 | 8
  readonly crc: number
  readonly unpackedBytes: number
  readonly packed: Buffer
}

const endLength = 22
const centralLength = 46
const localLength = 30
/** Encrypted, patched, strongly encrypted, masked headers. */
const refusedFlags = 0x1 | 0x20 | 0x40 | 0x2000
const hasDescriptor = 0x8
const isUtf8 = 0x800
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the directory at the end of an archive and every header that it points to. Readers that trust one, and readers that
 * trust the others, must see the same files: the records follow each other without overlap, from the first byte of the
 * file to its last.
 */
export function readZipDirectory(file: Buffer, budget: UnpackBudget): Finding | readonly ZipEntry[] {
  const end = findEnd(file)
  if (end === null) return brokenArchive
  const count = file.readUInt16LE(end + 10)
  const start = file.readUInt32LE(end + 16)
  const oneDisk = file.readUInt32LE(end + 4) === 0 && file.readUInt16LE(end + 8) === count
  if (!oneDisk || count === 0xffff || start + file.readUInt32LE(end + 12) !== end) return brokenArchive
  const entries: ZipEntry[] = []
  const names = new Set<string>()
  const places: [start: number, end: number][] = []
  let at = start
  for (let i = 0; i < count; i++) {
    const tooMany = budget.addEntry()
    if (tooMany !== null) return tooMany
    const read = readEntry(file, at, start)
    if (read === null) return brokenArchive
    if ('code' in read) return read
    const { entry, next, place } = read
    const folded = entry.name.normalize('NFC').toLowerCase().replace(/\/$/, '')
    if (names.has(folded)) return brokenArchive
    names.add(folded)
    places.push(place)
    entries.push(entry)
    at = next
  }
  return at === end && areAdjacent(places, start) ? entries : brokenArchive
}

/** The end record is the last thing in the file, with the comment whose length it says. */
function findEnd(file: Buffer): number | null {
  const earliest = Math.max(0, file.length - endLength - 0xffff)
  for (let at = file.length - endLength; at >= earliest; at--) {
    if (file.readUInt32LE(at) !== 0x06054b50) continue
    return at + endLength + file.readUInt16LE(at + 20) === file.length ? at : null
  }
  return null
}

type EntryReading = { entry: ZipEntry; next: number; place: [number, number] } | Finding | null

function readEntry(file: Buffer, at: number, directory: number): EntryReading {
  if (at + centralLength > file.length || file.readUInt32LE(at) !== 0x02014b50) return null
  const flags = file.readUInt16LE(at + 8)
  if ((flags & refusedFlags) !== 0) return encryptedArchive
  const method = file.readUInt16LE(at + 10)
  const nameEnd = at + centralLength + file.readUInt16LE(at + 28)
  const next = nameEnd + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  const nameBytes = file.subarray(at + centralLength, nameEnd)
  const name = decodeName(nameBytes, flags)
  if (next > file.length || name === null || (method !== 0 && method !== 8)) return null
  const refused = checkEntryPath(name) ?? checkKind(file, at)
  if (refused !== null) return refused

  const [crc, packedBytes, unpackedBytes] = [at + 16, at + 20, at + 24].map((place) => file.readUInt32LE(place)) as [
    number,
    number,
    number,
  ]
  const local = file.readUInt32LE(at + 42)
  if (local + localLength > directory || file.readUInt32LE(local) !== 0x04034b50) return null
  const localNameEnd = local + localLength + file.readUInt16LE(local + 26)
  const data = localNameEnd + file.readUInt16LE(local + 28)
  const sameHead = file.readUInt16LE(local + 6) === flags && file.readUInt16LE(local + 8) === method
  const sameName = nameBytes.equals(file.subarray(local + localLength, localNameEnd))
  const sizes = [local + 14, local + 18, local + 22].map((place) => file.readUInt32LE(place))
  const told = [crc, packedBytes, unpackedBytes]
  const late = (flags & hasDescriptor) !== 0
  const sameSizes = sizes.every((size, i) => size === told[i] || (late && size === 0))
  if (!sameHead || !sameName || !sameSizes || data + packedBytes > directory) return null
  if (method === 0 && packedBytes !== unpackedBytes) return null
  const isFolder = name.endsWith('/')
  if (isFolder && unpackedBytes !== 0) return null
  const end = data + packedBytes
  const descriptor = late ? readDescriptor(file, end, told) : 0
  if (descriptor === null || end + descriptor > directory) return null
  const entry = { name, isFolder, method, crc, unpackedBytes, packed: file.subarray(data, end) } as const
  return { entry, next, place: [local, end + descriptor] }
}

/** Files and folders only: on Unix the upper half of the attributes says what it is. */
function checkKind(file: Buffer, at: number): Finding | null {
  const kind = file.readUInt16LE(at + 40) & 0xf000
  return kind === 0 || kind === 0x8000 || kind === 0x4000 ? null : linkInArchive
}

/** How long it is, with or without its signature; null where it says something else than the directory. */
function readDescriptor(file: Buffer, at: number, told: readonly number[]): number | null {
  for (const start of [4, 0]) {
    if (at + start + 12 > file.length) continue
    if (start === 4 && file.readUInt32LE(at) !== 0x08074b50) continue
    if (told.every((value, i) => file.readUInt32LE(at + start + i * 4) === value)) return start + 12
  }
  return null
}

function decodeName(bytes: Buffer, flags: number): string | null {
  if ((flags & isUtf8) === 0) return bytes.every((byte) => byte < 0x80) ? bytes.toString('latin1') : `\ufffd`
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

/** Nothing overlaps, and nothing stands before, between or behind them that only some readers would find. */
function areAdjacent(places: [number, number][], directory: number): boolean {
  places.sort((a, b) => a[0] - b[0])
  let at = 0
  for (const [start, end] of places) {
    if (start !== at) return false
    at = end
  }
  return at === directory
}
