// Checks which file imports which, and that every policy's folder is complete: `node tools/check-imports.ts [folder]`.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkCycles } from './imports/check-cycles.ts'
import { checkFolders } from './imports/check-folders.ts'
import { checkModules } from './imports/check-modules.ts'
import { checkPolicyFolders } from './imports/check-policy-folders.ts'
import { readSourceFile, type SourceFile, type Violation } from './imports/source-file.ts'

/** Every violation of the import rules below `root`/src. */
export function checkImports(root: string): Violation[] {
  const src = join(root, 'src')
  const paths = globSync('**/*', { cwd: src, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(src.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
  const existing = new Set(paths)
  const { name, dependencies } = readManifest(root)

  const files: SourceFile[] = []
  const violations: Violation[] = []
  for (const path of paths.filter((path) => path.endsWith('.ts'))) {
    try {
      files.push(readSourceFile(src, path))
    } catch (error) {
      const advice = 'Only types that Node can strip may be used: no enums, parameter properties or namespaces.'
      violations.push({ path, line: 1, problem: `cannot be run: ${(error as Error).message}`, advice })
    }
  }
  for (const file of files) {
    violations.push(...checkFolders(file, (path) => existing.has(path)), ...checkModules(file, name, dependencies))
  }
  const registry = files.find(({ path }) => path === 'policies/index.ts')
  return [...violations, ...checkCycles(files), ...checkPolicyFolders(paths, registry)]
}

function readManifest(root: string): { name: string; dependencies: ReadonlySet<string> } {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const installed = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
  return { name: manifest.name, dependencies: new Set(Object.keys(installed)) }
}

if (import.meta.main) {
  const violations = checkImports(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))
  for (const { path, line, problem, advice } of violations) {
    console.error(`src/${path}:${line}: ${problem}\n    ${advice}`)
  }
  console.error(violations.length === 0 ? 'The import rules hold.' : `${violations.length} import rules are broken.`)
  if (violations.length > 0) process.exitCode = 1
}
