import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface WrittenPage {
  /** From the root of the project. */
  readonly path: string
  readonly text: string
}

/** Everything that is written for readers, in the order of paths. */
export function readAllPages(): WrittenPage[] {
  const patterns = ['*.md', 'docs/**/*.md', 'examples/*/*.md', 'src/policies/*/*.md', 'bench/*.md', 'test/*.md']
  return globSync(patterns, { cwd: root })
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}
