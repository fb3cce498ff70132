import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Project, runIn } from './project.ts'

/** Imports every subpath of the package in the project, as its users would. */
export function checkImports({ folder, manifest }: Project): string[] {
  return subpathsOf(manifest).flatMap((specifier) => {
    const attributes = specifier.endsWith('.json') ? ", { with: { type: 'json' } }" : ''
    const source = `const names = Object.keys(await import('${specifier}'${attributes})); if (names.length === 0) throw new Error('exports nothing')`
    const { status, stderr } = runIn(folder, process.execPath, ['--input-type=module', '--eval', source])
    return status === 0 ? [] : [`import '${specifier}' fails:\n${stderr.trim()}`]
  })
}

// Whoever embeds Portcullis has the types of their framework, so these need not come with the package.
const frameworks = ['express', 'fastify', 'hono', 'aws-lambda']

/** Compiles a program that uses every subpath's types, and the package's own declarations with it. */
export function checkTypes({ folder, manifest }: Project, root: string): string[] {
  const specifiers = subpathsOf(manifest).filter((specifier) => !specifier.endsWith('.json'))
  const program = specifiers.map(
    (specifier, index) => `import * as part${index} from '${specifier}'\nvoid part${index}\n`,
  )
  writeFileSync(join(folder, 'program.ts'), program.join(''))
  const ours = join(root, 'node_modules')
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2024', lib: ['es2025', 'esnext.disposable'], strict: true, noEmit: true },
    ...{ skipLibCheck: false, types: ['node'], typeRoots: [join(ours, '@types')] },
    paths: Object.fromEntries(frameworks.map((name) => [name, [join(ours, '@types', name), join(ours, name)]])),
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }))
  const tsc = join(ours, 'typescript/bin/tsc')
  const { stdout } = runIn(folder, process.execPath, [tsc, '-p', '.', '--pretty', 'false'])
  // Mistakes in the declarations of dependencies are not ours to report.
  const own = new RegExp(`^(program\\.ts|node_modules/${RegExp.escape(manifest.name)}/|error )`)
  return stdout.split('\n').filter((line) => own.test(line))
}

/** Checks that nothing of this tree's own tooling was installed along. */
export function checkNodeModules({ folder }: Project, root: string): string[] {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'tools/node26/package.json'), 'utf8'))
  return ['@portcullis', ...Object.keys(optionalDependencies)]
    .filter((name) => existsSync(join(folder, 'node_modules', name)))
    .map((name) => `installing the package also installs ${name}`)
}

const goodFile = `version: 1
listen:
  https: { port: 8443, certificate: dev }
upstreams:
  api: { targets: [http://127.0.0.1:3000] }
routes:
  - path: /health
    access: public
    reason: the load balancer's probe
    upstream: api
`

/** Runs the installed command the way its documentation says. */
export function checkCommand(project: Project): string[] {
  return [
    ...expectCommand(project, {}, ['--help'], { status: 0, output: /Usage: portcullis/ }),
    ...expectCommand(project, {}, ['--version'], {
      status: 0,
      output: new RegExp(`^${RegExp.escape(project.manifest.version)}$`, 'm'),
    }),
    ...expectCommand(project, { 'portcullis.yaml': goodFile }, ['check'], { status: 0, output: /./ }),
    ...expectCommand(project, { 'portcullis.yaml': `${goodFile}rutes: []\n` }, ['check'], {
      status: 2,
      output: /portcullis\.yaml:11:1\b/,
    }),
    ...expectCommand(project, {}, ['no-such-command'], { status: 2, output: /no-such-command/ }),
  ]
}

function expectCommand(
  { folder }: Project,
  files: Record<string, string>,
  args: string[],
  expected: { status: number; output: RegExp },
): string[] {
  const work = join(folder, `run-${args[0]}-${expected.status}`)
  mkdirSync(work)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text)
  const { status, stdout, stderr } = runIn(work, 'npx', ['--no-install', 'portcullis', ...args])
  if (status === expected.status && expected.output.test(stdout + stderr)) return []
  return [
    `portcullis ${args.join(' ')} exits with ${status}, not ${expected.status} and ${expected.output}:\n${stdout}${stderr}`.trim(),
  ]
}

function subpathsOf(manifest: Project['manifest']): string[] {
  return Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1))
}
