import { globSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders = ['src', 'test', 'tools', 'examples', 'bench'].map((folder) => join(root, folder))

/** The test files among or below `paths`, or all of the project's. Throws for a path that does not exist. */
export function findTests(paths: readonly string[]): string[] {
  const places = paths.length > 0 ? paths.map((path) => resolve(path)) : folders
  return places.flatMap((place) => {
    const stat = statSync(place, { throwIfNoEntry: false })
    if (stat === undefined && paths.length > 0) throw new Error(`${place} does not exist`)
    if (!stat?.isDirectory()) return stat === undefined ? [] : [place]
    return globSync('**/*.test.ts', { cwd: place, exclude: ['**/node_modules/**'] })
      .sort()
      .map((file) => join(place, file))
  })
}
