import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Import, scanImports } from './scan.ts'

export type SourceFile = {
  /** Below src/, with forward slashes. */
  readonly path: string
  readonly imports: readonly ResolvedImport[]
}

export type ResolvedImport = Import & {
  /** The imported file below src/, where it is one; starts with `../` where it lies outside. */
  readonly target?: string
}

export type Violation = {
  readonly path: string
  readonly line: number
  readonly problem: string
  readonly advice: string
}

/** Whether a file is part of what is published, rather than a test of it. */
export function isProduct(path: string): boolean {
  return !path.endsWith('.test.ts')
}

/** The first segment of a path below src/. */
export function folderOf(path: string): string {
  return path.split('/')[0] ?? path
}

/** Reads a file of src/ and resolves what it imports, without looking at the disk for it. */
export function readSourceFile(src: string, path: string): SourceFile {
  const imports = scanImports(readFileSync(join(src, path), 'utf8')).map((found) =>
    found.specifier.startsWith('.')
      ? { ...found, target: posix.normalize(posix.join(posix.dirname(path), found.specifier)) }
      : found,
  )
  return { path, imports }
}
