import { realpath } from 'node:fs/promises'
import { dirname, posix, sep } from 'node:path'
import { compileSchema } from '../../contract/schema/compile-schema.ts'
import { toToken } from '../../contract/schema/references.ts'
import { SchemaError } from '../../contract/schema/schema-error.ts'
import type { FileProblem, FileReader, Gathered } from '../../core/policy.ts'
import type { JsonSchema } from '../../openapi/operation.ts'
import type { GatheredSchemas, SchemasBlock } from './schemas-block.ts'

const maxFiles = 200

/** Reads the files of the block `schemas` with those that they refer to, and sees to it that each can be kept to. */
export async function gatherSchemas(block: <T>(key: string) => T, files: FileReader): Promise<Gathered> {
  const named = block<SchemasBlock | undefined>('schemas')
  if (named === undefined) return { blocks: {}, files: [], problems: [] }
  const gathering = new Gathering(files)
  for (const [name, file] of Object.entries(named)) await gathering.add(name, file)
  const { $defs, problems } = gathering
  if (problems.length === 0) for (const [name, file] of Object.entries(named)) check(name, file, $defs, problems)
  const gathered: GatheredSchemas = { names: Object.keys(named), $defs }
  return { blocks: { schemas: gathered }, files: gathering.paths, problems }
}

function check(name: string, file: string, $defs: GatheredSchemas['$defs'], problems: FileProblem[]): void {
  try {
    const options = { direction: 'request', unknownProperties: 'refuse' } as const
    compileSchema({ $ref: `#/$defs/${toToken(name)}`, $defs }, options)
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    problems.push(toProblem(file, `${error.at}: ${error.message}`, error.hint))
  }
}

class Gathering {
  readonly $defs: Record<string, JsonSchema> = {}
  readonly problems: FileProblem[] = []
  readonly #files: FileReader
  readonly #folders = new Map<string, string>()
  /** The key of each file that was read. */
  readonly #keys = new Map<string, string>()

  constructor(files: FileReader) {
    this.#files = files
  }

  get paths(): readonly string[] {
    return [...this.#keys.keys()].map((file) => this.#files.resolve(file))
  }

  async add(name: string, file: string): Promise<void> {
    const key = await this.#load(name, posix.normalize(file), posix.dirname(posix.normalize(file)))
    if (key !== null && key !== name) this.$defs[name] = { $ref: `#/$defs/${toToken(key)}` }
  }

  /** @param folder what references must not leave */
  async #load(key: string, file: string, folder: string): Promise<string | null> {
    const known = this.#keys.get(file)
    if (known !== undefined) return known
    if (this.#keys.size === maxFiles) return this.#complain(file, `more than ${maxFiles} files of schemas`)
    this.#keys.set(file, key)
    if (!(await this.#isInside(file, folder))) return this.#complain(file, 'is a link that leads out of its folder')
    const read = await this.#files.read(file)
    if ('problem' in read) return this.#complain(file, read.problem)
    let schema: unknown
    try {
      schema = JSON.parse(read.text)
    } catch (error) {
      return this.#complain(file, `is not JSON: ${(error as Error).message}`)
    }
    this.$defs[key] = (await this.#rewrite(schema, file, key, folder)) as JsonSchema
    return key
  }

  /** References to places in this file, and in others, become such to `$defs`. */
  async #rewrite(value: unknown, file: string, key: string, folder: string): Promise<unknown> {
    if (Array.isArray(value)) return Promise.all(value.map((one) => this.#rewrite(one, file, key, folder)))
    if (typeof value !== 'object' || value === null) return value
    const entries: [string, unknown][] = []
    for (const [name, each] of Object.entries(value)) {
      if (name === '$id' || name === '$schema') continue
      const isReference = name === '$ref' && typeof each === 'string'
      entries.push([
        name,
        isReference ? await this.#follow(each, file, key, folder) : await this.#rewrite(each, file, key, folder),
      ])
    }
    return Object.fromEntries(entries)
  }

  async #follow(reference: string, file: string, key: string, folder: string): Promise<string> {
    const hash = reference.indexOf('#')
    const [path, pointer] = hash === -1 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)]
    if (pointer !== '' && !pointer.startsWith('/')) return reference
    if (path === '') return `#/$defs/${toToken(key)}${pointer}`
    const other = posix.join(posix.dirname(file), path)
    const isOutside =
      posix.isAbsolute(path) || posix.relative(folder, other).startsWith('..') || /^[a-z][a-z0-9+.-]*:/i.test(path)
    if (isOutside) {
      this.#complain(file, `refers to ${JSON.stringify(reference)}, which is not in its folder`)
      return '#'
    }
    const found = await this.#load(`file:${other}`, other, folder)
    return found === null ? '#' : `#/$defs/${toToken(found)}${pointer}`
  }

  async #isInside(file: string, folder: string): Promise<boolean> {
    try {
      const path = this.#files.resolve(file)
      const [real, home] = await Promise.all([realpath(path), this.#realFolder(folder)])
      return dirname(real) === home || real.startsWith(home.endsWith(sep) ? home : home + sep)
    } catch {
      // Reading it says what is wrong.
      return true
    }
  }

  async #realFolder(folder: string): Promise<string> {
    const known = this.#folders.get(folder) ?? (await realpath(this.#files.resolve(folder)))
    this.#folders.set(folder, known)
    return known
  }

  #complain(file: string, message: string): null {
    this.problems.push(toProblem(file, message, null))
    return null
  }
}

function toProblem(file: string, message: string, hint: string | null): FileProblem {
  return { file, line: null, column: 1, message, hint }
}
