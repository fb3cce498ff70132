export type FolderRule = {
  /** The files of other folders that it may import, as globs below src/. */
  readonly imports: readonly string[]
  /** Whether only types may be imported from them. */
  readonly typesOnly?: true
  /** What it may import from outside src/; without it, Node's modules and the declared dependencies. */
  readonly modules?: ModuleRule
}

export type ModuleRule = {
  /** Whether it may import Node's own modules. */
  readonly node: boolean
  /** Packages that it may import whole, beside those of `typesOf`. */
  readonly packages?: readonly string[]
  /** The packages of which it may import types, and nothing else of any package. `file` is relative to the folder. */
  readonly typesOf: (file: string) => readonly string[]
}

const ports = 'stores/ports/**'
const insides = [
  'core',
  'accounts',
  'crypto',
  'outbound',
  'stores',
  'roles',
  'input',
  'openapi',
  'contract',
  'injection',
  'sanitize',
  'policies',
  'config',
  'identity',
  'observe',
  'gateway',
  'admin',
]
const everything = [...insides, 'scanner', 'runtime', 'adapters', 'cli'].map((folder) => `${folder}/**`)
const composable = [...insides, 'scanner'].map((folder) => `${folder}/**`)

const frameworks: Readonly<Record<string, readonly string[]>> = {
  express: ['express'],
  fastify: ['fastify'],
  hono: ['hono'],
  lambda: ['aws-lambda'],
}

/** What each folder of src/ may import: the table of the design's section 4. A folder that is not here is refused. */
export const folders: Readonly<Record<string, FolderRule>> = {
  // It would run on any JavaScript runtime, and so would these packages.
  core: { imports: [], modules: { node: false, packages: ['ipaddr.js', 'zod'], typesOf: () => [] } },
  crypto: { imports: ['core/**'] },
  stores: { imports: ['core/**'] },
  outbound: { imports: ['core/**'] },
  // What rbac, abac and object rules have in common: which roles a caller holds.
  roles: { imports: ['core/**', ports] },
  // What a request holds, read once for every policy that judges it.
  input: { imports: ['core/**'] },
  // OpenAPI documents, as contracts of operations.
  openapi: { imports: ['core/**'] },
  // Judges messages by a contract, whoever wrote it and whichever way they go.
  contract: { imports: ['core/**', 'input/**', 'openapi/**'] },
  // Tells values from programs.
  injection: { imports: ['core/**'] },
  // Output encoders, file names and HTML for applications; policies share the rules of file names.
  sanitize: { imports: ['core/**'] },
  // Looking at passwords: what basic and the identity server have in common.
  accounts: { imports: ['core/**', 'crypto/**', ports] },
  policies: {
    imports: [
      'core/**',
      'crypto/**',
      'outbound/**',
      'accounts/**',
      'roles/**',
      'input/**',
      'openapi/**',
      'contract/**',
      'injection/**',
      'sanitize/**',
      ports,
    ],
  },
  // A top-level block of the policy file belongs to the folder that reads it, and so do that block's options.
  config: {
    imports: [
      'core/**',
      'openapi/**',
      'policies/**',
      'observe/**/options.ts',
      'crypto/**/options.ts',
      'identity/**/options.ts',
      'identity/endpoints.ts',
      'identity/resources.ts',
      'identity/issuers.ts',
      'identity/dangers.ts',
    ],
  },
  identity: { imports: ['core/**', 'crypto/**', 'outbound/**', 'accounts/**', ports] },
  observe: { imports: ['core/**', 'crypto/**', 'outbound/**', ports] },
  gateway: { imports: ['core/**', 'config/**', ports] },
  admin: { imports: ['core/**', 'config/**', 'identity/**', 'observe/**', ports] },
  scanner: { imports: ['core/**'], typesOnly: true },
  runtime: { imports: composable },
  adapters: {
    imports: ['core/**', 'runtime/**'],
    modules: { node: true, typesOf: (file) => frameworks[file.split(/[/.]/)[0] ?? ''] ?? [] },
  },
  cli: { imports: ['index.ts', ...everything] },
  'index.ts': { imports: [...composable, 'runtime/**'] },
}
