// Fills in what pages say of options, error codes and metrics, from the code. A test fails when it was forgotten.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderPages } from './docs/pages.ts'

const root = join(import.meta.dirname, '..')
for (const { path, before, after } of await renderPages()) {
  if (before === after) continue
  writeFileSync(join(root, path), after)
  console.log(`${path} is written`)
}
