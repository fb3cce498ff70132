import type { Finding, Watch } from '../finding.ts'
import { detectType, headBytes } from '../types/detect-type.ts'
import { brokenArchive, executableInArchive, nestedArchive, type UnpackBudget } from './limits.ts'
import { TarWalk } from './tar-walk.ts'
import { createUnpacking } from './unpack.ts'

/**
 * Unpacks a file of gzip or Zstandard beside its stream, counts what comes out, and keeps its beginning only: a tar in it is
 * followed, another archive in it, or a program, is refused.
 */
export function watchPacked(coding: 'gzip' | 'zstd', budget: UnpackBudget): Watch {
  let packed = 0
  let head: Buffer | null = Buffer.alloc(0)
  let tar: TarWalk | null = null

  function take(unpacked: Buffer): Finding | null {
    const found = budget.addBytes(unpacked.length, packed)
    if (found !== null || head === null) return found ?? tar?.write(unpacked) ?? null
    head = Buffer.concat([head, unpacked])
    return head.length < headBytes ? null : judgeHead(head)
  }

  function judgeHead(bytes: Buffer): Finding | null {
    head = null
    const type = detectType(bytes.subarray(0, headBytes))
    if (type === 'executable') return executableInArchive
    if (
      type === 'zip' ||
      type === 'application/gzip' ||
      type === 'application/zstd' ||
      type === 'application/x-7z-compressed'
    )
      return nestedArchive
    if (type !== 'application/x-tar') return null
    // A tar that is packed is one archive in two steps, so `maxDepth` lets it pass.
    tar = new TarWalk(budget)
    return tar.write(bytes)
  }

  const unpacking = createUnpacking(coding, take, brokenArchive)
  return {
    write(bytes) {
      packed += bytes.length
      return unpacking.write(bytes)
    },
    async end() {
      return (await unpacking.end()) ?? (head === null ? null : judgeHead(head)) ?? tar?.end() ?? null
    },
    close: () => unpacking.close(),
  }
}
