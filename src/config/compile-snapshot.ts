import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import type { ClientOptions } from '../core/client.ts'
import type { AnyPolicy } from '../core/policy.ts'
import { toStableJson } from '../core/stable-json.ts'
import { type Documents, documentsBlock } from '../openapi/documents-block.ts'
import { policies as registry } from '../policies/index.ts'
import { checkBlocks } from './check-blocks.ts'
import { checkListen } from './check-listen.ts'
import { checkStandard } from './check-standard.ts'
import type { CompileContext } from './compile-context.ts'
import { boundErrors, byPosition, type ConfigError, createReport } from './config-error.ts'
import type { DocumentReading, ReadDocuments } from './documents/read-documents.ts'
import { deepFreeze } from './freeze.ts'
import { addIdentity } from './identity/add-identity.ts'
import { explainUnknownKey } from './issues/explain-issues.ts'
import { composeDefaults } from './layers/compose-defaults.ts'
import type { LayerValue } from './layers/to-layer.ts'
import { noteObserved, noteOwnBlocks } from './notices.ts'
import { type Blocks, readBlocks } from './read-blocks.ts'
import { readTolerantly } from './read-tolerantly.ts'
import { resolveRoutes } from './routes/resolve-routes.ts'
import { otherBlocks } from './schema/other-blocks.ts'
import { collectBlocks, createPolicyFileSchema, type ownBlocks } from './schema/policy-file.ts'
import { isPlain } from './schema/read-setting.ts'
import type { CounterSource, DataSource, Listen, Notice, ServerOptions, Snapshot, UpstreamOptions } from './snapshot.ts'
import type { ConfigSource } from './source/config-source.ts'
import { readObject } from './source/object-source.ts'
import { readYaml } from './source/yaml-source.ts'

export interface CompileOptions {
  /**
   * What errors call the file; relative paths start from its folder. Default: `portcullis.yaml` for text and
   * `defineConfig()` for objects, in the working folder.
   */
  readonly file?: string
  /** Default: every policy there is. */
  readonly policies?: readonly AnyPolicy[]
  /** Embedded in an application, listeners and upstreams may be left out. Default false. */
  readonly embedded?: boolean
}

export type CompileResult =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly errors: readonly ConfigError[] }

/**
 * Compiles a policy file, given as text (YAML or JSON) or as the object that `defineConfig()` made, to a frozen
 * snapshot, or to every error that it holds. Reads nothing but its arguments.
 */
export function compileSnapshot(input: string | object, options: CompileOptions = {}): CompileResult {
  const read = readSource(input, options)
  return read.ok ? compileSource(read, options) : read
}

export interface ReadSource {
  readonly source: ConfigSource
  /** What keeps it from being used but not from being judged. */
  readonly errors: readonly ConfigError[]
}

export function readSource(
  input: string | object,
  options: CompileOptions,
): ({ readonly ok: true } & ReadSource) | { readonly ok: false; readonly errors: readonly ConfigError[] } {
  const file = options.file ?? (typeof input === 'string' ? 'portcullis.yaml' : 'defineConfig()')
  return typeof input === 'string' ? readYaml(input, file) : readObject(input, file)
}

/** Where relative paths in a policy file start from. */
export function folderOf(file: string): string {
  return dirname(resolve(file))
}

const noDocuments: DocumentReading = { documents: new Map(), errors: [], files: [] }

/** @param reading the documents that the file names */
export function compileSource(
  { source, errors }: ReadSource,
  { policies = registry, embedded = false }: CompileOptions,
  { documents, files }: DocumentReading = noDocuments,
): CompileResult {
  const baseFolder = folderOf(source.file)
  const report = createReport(source, errors)
  const file = source.value
  if (!isPlain(file)) {
    report.add([], 'a policy file is an object: keys and values', { hint: 'It begins with `version: 1`.' })
    return { ok: false, errors: report.errors.sort(byPosition) }
  }
  checkStandard(source, policies, embedded, report)
  const allBlocks = collectBlocks(policies, otherBlocks)
  const { shape } = createPolicyFileSchema(policies, allBlocks)
  for (const key of Object.keys(file)) {
    if (Object.hasOwn(shape, key)) continue
    const { path, part, message, hint } = explainUnknownKey(key, [], Object.keys(shape))
    const belongs = Object.hasOwn(shape.defaults.unwrap().shape, key) ? 'It stands under `defaults` or a route.' : hint
    report.add(path, message, { part, hint: belongs })
  }

  const { defaults: defaultsSchema, routes: _routes, ...blockShape } = shape
  const blocks = addIdentity(readBlocks(blockShape, file, report), report)
  const own = blocks.values as unknown as OwnValues
  const listen = toListen(own.listen)
  if (!blocks.broken.has('listen')) checkListen(listen, embedded, report)
  const reader = toBlockReader(blocks, allBlocks)
  if (reader !== null) checkBlocks(policies, reader, report)

  const notices: Notice[] = []
  const defaults = readTolerantly<LayerValue>(defaultsSchema, file.defaults ?? {}, ['defaults'], report)
  const upstreamNames = Object.keys(toRecord(file.upstreams))
  const shared = { source, report, policies, embedded, notices, documents, upstreamNames }
  const inherited = composeDefaults(defaults?.value ?? {}, defaults?.broken ?? new Set(), shared)
  const brokenDefaults = defaults === null ? new Set(Object.keys(toRecord(file.defaults))) : defaults.broken
  const context: CompileContext = { ...shared, defaults: defaults?.value ?? {}, brokenDefaults, inherited }
  noteObserved('defaults', inherited, ['defaults'], context)
  noteOwnBlocks(listen ?? null, own.trustProxies ?? null, context)
  const { routes, fallback } = resolveRoutes(file.routes, reader, context)

  if (report.errors.length > 0) return { ok: false, errors: boundErrors(report.errors.sort(byPosition)) }
  const data = own.data.kind === 'sqlite' ? { ...own.data, path: resolve(baseFolder, own.data.path) } : own.data
  const { server } = own
  const content = {
    baseFolder,
    dataFolder: data.kind === 'sqlite' ? toDataFolder(data.path, baseFolder) : join(baseFolder, 'data'),
    listen: listen ?? { https: null, http: null, admin: null },
    server: { ...server, workers: server.workers === 'auto' ? availableParallelism() : server.workers },
    client: own.trustProxies,
    data,
    counters: own.counters,
    upstreams: own.upstreams,
    routes,
    fallback,
    blocks: {
      ...Object.fromEntries(Object.entries(blocks.values).filter(([key]) => Object.hasOwn(allBlocks, key))),
      ...toDocumentsBlock(documents),
    },
    ...(files.length > 0 && { gathered: files }),
    notices,
  }
  const revision = createHash('sha256').update(toStableJson(content)).digest('hex')
  return { ok: true, snapshot: deepFreeze({ revision, ...content }) }
}

/** What the blocks of `ownBlocks` parse to. */
type OwnValues = { [Key in keyof typeof ownBlocks]: z.output<(typeof ownBlocks)[Key]> } & {
  readonly server: Omit<ServerOptions, 'workers'> & { readonly workers: number | 'auto' }
  readonly data: DataSource
  readonly counters: CounterSource
  readonly trustProxies: ClientOptions
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>
}

function toListen(value: OwnValues['listen'] | undefined): Listen | undefined {
  if (value === undefined) return undefined
  return { https: value.https ?? null, http: value.http ?? null, admin: value.admin ?? null }
}

/** Null where a block could not be read: what looks at blocks would then complain of what is only a consequence. */
function toBlockReader(
  { values, broken }: Blocks,
  known: Readonly<Record<string, unknown>>,
): (<T>(key: string) => T) | null {
  if (Object.keys(known).some((key) => broken.has(key))) return null
  return <T>(key: string) => values[key] as T
}

function toDocumentsBlock(documents: ReadDocuments): Record<string, Documents> {
  const known = [...documents].flatMap(([name, one]) => (one === null ? [] : [[name, one.gathered] as const]))
  return known.length === 0 ? {} : { [documentsBlock]: Object.fromEntries(known) }
}

/** Keys and certificates go beside the database; never straight into the folder of the policy file. */
function toDataFolder(databasePath: string, baseFolder: string): string {
  const folder = dirname(databasePath)
  return folder === baseFolder ? join(baseFolder, 'data') : folder
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isPlain(value) ? value : {}
}
