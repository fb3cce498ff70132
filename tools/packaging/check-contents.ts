import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findMachinePaths } from '../machine-paths.ts'
import type { Project } from './project.ts'

/** Checks that the package holds what package.json promises, and nothing that only this tree needs. */
export function checkContents({ package: folder, manifest }: Project, machineFolders: readonly string[]): string[] {
  const files = globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile())
  return [
    ...missingTargets(manifest.exports, folder),
    ...Object.values(manifest.bin).flatMap((path) => checkCommand(folder, path)),
    ...files.flatMap((path) => checkFile(path, readFileSync(join(folder, path), 'utf8'), machineFolders)),
  ]
}

function missingTargets(exports: Project['manifest']['exports'], folder: string): string[] {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    // The sources are for this tree only; who installs the package never asks for that condition.
    const targets =
      typeof target === 'string'
        ? [target]
        : Object.entries(target).flatMap(([condition, path]) => (condition === 'source' ? [] : [path]))
    return targets
      .filter((path) => !existsSync(join(folder, path)))
      .map((path) => `exports "${subpath}": ${path} is not in the package`)
  })
}

function checkCommand(folder: string, path: string): string[] {
  if (!existsSync(join(folder, path))) return [`bin: ${path} is not in the package`]
  return readFileSync(join(folder, path), 'utf8').startsWith('#!/usr/bin/env node\n')
    ? []
    : [`bin: ${path} does not begin with #!/usr/bin/env node`]
}

function checkFile(path: string, text: string, machineFolders: readonly string[]): string[] {
  const problems = findMachinePaths(text, machineFolders).map(
    (found) => `${path}:${found.line}: names this machine: ${found.path}`,
  )
  if (/\.test\.|(^|\/)(test|tests|fixtures|golden)\//.test(path)) problems.push(`${path}: belongs to tests`)
  if (/^(src|tools|bench|console|examples|test)\//.test(path)) problems.push(`${path}: belongs to the tree`)
  if (path.endsWith('.ts') && !path.endsWith('.d.ts'))
    problems.push(`${path}: is TypeScript, which Node does not run from node_modules`)
  if (path.endsWith('.js')) {
    if (/from ['"]node:test['"]/.test(text)) problems.push(`${path}: imports node:test`)
    // tsc rewrites the endings of imports, not those of the files that workers are started from.
    if (/new URL\(\s*['"][^'"]+(?<!\.d)\.ts['"]/.test(text))
      problems.push(`${path}: refers to a .ts file, which is not in the package`)
  }
  return problems
}
