import { crc32 } from 'node:zlib'
import type { Finding } from '../finding.ts'
import { detectType, headBytes } from '../types/detect-type.ts'
import { brokenArchive, executableInArchive, nestedArchive, type UnpackBudget } from './limits.ts'
import { createUnpacking } from './unpack.ts'
import { readZipDirectory, type ZipEntry } from './zip-directory.ts'

export interface ZipCheck {
  readonly budget: UnpackBudget
  /** The length of the outermost file. */
  readonly packedBytes: number
  readonly depth: number
}

/** What an archive holds, or why it is refused. Every entry is unpacked and counted, whatever its header says. */
export async function checkZip(file: Buffer, check: ZipCheck): Promise<Finding | readonly ZipEntry[]> {
  if (check.depth > check.budget.limits.maxDepth) return nestedArchive
  const entries = readZipDirectory(file, check.budget)
  if ('code' in entries) return entries
  for (const entry of entries) {
    const found = await checkEntry(entry, check)
    if (found !== null) return found
  }
  return entries
}

async function checkEntry(entry: ZipEntry, check: ZipCheck): Promise<Finding | null> {
  const { budget, packedBytes } = check
  let size = 0
  let sum = 0
  let kept: Buffer[] = []
  let keeps: 'head' | 'whole' = 'head'
  const take = (unpacked: Buffer): Finding | null => {
    size += unpacked.length
    sum = crc32(unpacked, sum)
    if (size > entry.unpackedBytes) return brokenArchive
    const found = budget.addBytes(unpacked.length, packedBytes)
    if (found !== null) return found
    if (keeps === 'whole') kept.push(Buffer.from(unpacked))
    else if (size - unpacked.length < headBytes) {
      kept = [Buffer.concat([...kept, unpacked])]
      // An archive in an archive is read whole: longer than that, it is longer than one may be.
      if (detectType(kept[0] as Buffer) === 'zip') keeps = 'whole'
      else kept = [(kept[0] as Buffer).subarray(0, headBytes)]
    }
    return keeps === 'whole' && size > budget.limits.maxBytes ? nestedArchive : null
  }
  const found = await unpackEntry(entry, take)
  if (found !== null) return found
  if (size !== entry.unpackedBytes || sum !== entry.crc) return brokenArchive
  return judgeContent(Buffer.concat(kept), check)
}

async function unpackEntry(entry: ZipEntry, take: (unpacked: Buffer) => Finding | null): Promise<Finding | null> {
  if (entry.method === 0) return entry.packed.length === 0 ? null : take(entry.packed)
  const unpacking = createUnpacking('deflate', take, brokenArchive)
  try {
    return (await unpacking.write(entry.packed)) ?? (await unpacking.end())
  } finally {
    unpacking.close()
  }
}

/** Programs are refused, and so are archives of which nothing can be told from here. */
async function judgeContent(content: Buffer, check: ZipCheck): Promise<Finding | null> {
  const type = detectType(content.length > headBytes ? content.subarray(0, headBytes) : content)
  switch (type) {
    case 'executable':
      return executableInArchive
    case 'zip': {
      const inner = await checkZip(content, { ...check, depth: check.depth + 1 })
      return 'code' in inner ? inner : null
    }
    case 'application/gzip':
    case 'application/zstd':
    case 'application/x-tar':
    case 'application/x-7z-compressed':
      return nestedArchive
    default:
      return null
  }
}
