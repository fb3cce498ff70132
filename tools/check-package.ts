// Packs what `npm run build` made, installs it in a temporary project and uses it there as a stranger would.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { foldersOfMachine } from './machine-paths.ts'
import { checkContents } from './packaging/check-contents.ts'
import { checkCommand, checkImports, checkNodeModules, checkTypes } from './packaging/check-installed.ts'
import { installPacked } from './packaging/project.ts'

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url))
const project = installPacked(root)
try {
  const checks = {
    'holds what it promises and nothing else': checkContents(project, foldersOfMachine(root)),
    'installs nothing of this tree along': checkNodeModules(project, root),
    'every subpath can be imported': checkImports(project),
    'its types compile': checkTypes(project, root),
    'its command runs': checkCommand(project),
  }
  for (const [what, problems] of Object.entries(checks)) {
    console.log(`${problems.length === 0 ? '✔' : '✖'} ${what}`)
    for (const problem of problems) console.log(`  ${problem.replaceAll('\n', '\n  ')}`)
    if (problems.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(project.folder, { recursive: true, force: true })
}
