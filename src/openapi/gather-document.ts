import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import type { FileProblem } from '../core/policy.ts'
import { checkRoot } from './check-root.ts'
import { DocumentError } from './document-error.ts'
import { type Location, parseReference, resolveFile } from './location.ts'
import { createPositions, isJson, parseText } from './parse-text.ts'
import { type FoundReference, scanReferences, walkReferences } from './walk-references.ts'

/** Plain data: a document with every file that it refers to, as JSON, so that threads read it quickly. */
export interface GatheredDocument {
  /** The name of the document's own file, which is a key of `files`. */
  readonly root: string
  /** SHA-256 of everything in it. */
  readonly digest: string
  /** By their paths from the document's folder. */
  readonly files: Readonly<Record<string, string>>
}

export type GatherResult =
  | {
      readonly ok: true
      readonly document: GatheredDocument
      /** Its files as they were parsed, for who opens it at once. */
      readonly values: ReadonlyMap<string, unknown>
      readonly paths: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly FileProblem[]; readonly paths: readonly string[] }

export type ReadText = (path: string, maxBytes: number) => Promise<string | { readonly message: string }>

const maxFiles = 500
const maxTotalLength = 64 * 1024 * 1024
const maxProblems = 50

/**
 * Reads a document and the files in its folder that it refers to, and sees to it that every reference leads somewhere.
 * @param path absolute
 */
export async function gatherDocument(path: string, read: ReadText): Promise<GatherResult> {
  const gathering = new Gathering(dirname(path), read)
  return gathering.run(basename(path))
}

interface Seen {
  /** The file that it stands in. */
  readonly from: string
  readonly reference: FoundReference
}

class Gathering {
  readonly #folder: string
  readonly #read: ReadText
  readonly #texts = new Map<string, string>()
  readonly #values = new Map<string, unknown>()
  readonly #anchors = new Map<string, ReadonlyMap<string, readonly string[]>>()
  readonly #positions = new Map<string, ReturnType<typeof createPositions>>()
  readonly #references: Seen[] = []
  readonly #problems: FileProblem[] = []
  #length = 0

  constructor(folder: string, read: ReadText) {
    this.#folder = folder
    this.#read = read
  }

  async run(root: string): Promise<GatherResult> {
    await this.#load(root, { file: root, tokens: [] })
    const value = this.#values.get(root)
    if (value !== undefined) this.#try(() => checkRoot(root, value))
    // Grows while it is gone through: files refer to further files.
    for (let i = 0; i < this.#references.length && this.#problems.length < maxProblems; i++) {
      const { from, reference } = this.#references[i] as Seen
      await this.#follow(from, reference)
    }
    const paths = [...this.#texts.keys()].map((file) => join(this.#folder, file))
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems, paths }
    const files = Object.fromEntries([...this.#values].map(([file, one]) => [file, this.#toJson(file, one)]))
    const digest = createHash('sha256').update(Object.entries(files).flat().join('\0')).digest('hex')
    return { ok: true, document: { root, digest, files }, values: this.#values, paths }
  }

  async #load(file: string, from: Location): Promise<void> {
    if (this.#texts.has(file)) return
    if (this.#texts.size === maxFiles) return this.#complain(from, `it refers to more than ${maxFiles} files`)
    this.#texts.set(file, '')
    const path = join(this.#folder, file)
    const outside = await this.#isOutside(path)
    if (outside) return this.#complain(from, `${file} is a link that leads out of the document's folder`)
    const text = await this.#read(path, maxTotalLength / 2)
    if (typeof text !== 'string') {
      // The document itself is named beside the message anyway.
      const subject = from.tokens.length === 0 ? '' : `${file}: `
      return this.#complain(from, `${subject}${text.message}`)
    }
    this.#texts.set(file, text)
    this.#length += text.length
    if (this.#length > maxTotalLength) return this.#complain(from, 'its files hold more than 64 MiB together')
    this.#try(() => {
      const value = parseText(text, file)
      this.#values.set(file, value)
      if (isJson(text) && this.#isSound(text, value)) return
      const found = (reference: FoundReference) => this.#references.push({ from: file, reference })
      this.#anchors.set(file, walkReferences(file, value, found))
    })
  }

  /** Whether everything that a text may refer to stands in it: then nothing has to be followed. */
  #isSound(text: string, value: unknown): boolean {
    const references = scanReferences(text)
    if (references === null) return false
    return [...references].every((one) => {
      const reference = parseReference(one)
      return reference.kind === 'pointer' && isThere(value, reference.tokens)
    })
  }

  async #isOutside(path: string): Promise<boolean> {
    try {
      const [folder, real] = await Promise.all([realpath(this.#folder), realpath(path)])
      return !real.startsWith(folder.endsWith(sep) ? folder : folder + sep)
    } catch {
      // Reading it says what is wrong.
      return false
    }
  }

  async #follow(from: string, { text, tokens }: FoundReference): Promise<void> {
    const at = { file: from, tokens }
    const reference = parseReference(text)
    if (reference.kind === 'refused') return this.#complain(at, reference.message, reference.hint)
    const file = resolveFile(from, reference.file)
    if (file === null) return this.#complain(at, "a reference does not leave the document's folder")
    await this.#load(file, at)
    if (!this.#values.has(file)) return
    const target =
      reference.kind === 'pointer' ? reference.tokens : (this.#anchors.get(file)?.get(reference.anchor) ?? null)
    if (target !== null && isThere(this.#values.get(file), target)) return
    this.#complain(at, `nothing stands at "${text.slice(0, 200)}"`)
  }

  #toJson(file: string, value: unknown): string {
    const text = this.#texts.get(file) as string
    return isJson(text) ? text : JSON.stringify(value)
  }

  #try(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      this.#problems.push(error.toProblem((at) => this.#positionOf(at)))
    }
  }

  #complain(at: Location, message: string, hint: string | null = null): void {
    this.#try(() => {
      throw new DocumentError(at, message, { hint })
    })
  }

  #positionOf({ file, tokens }: Location) {
    if (!this.#values.has(file)) return null
    const positions = this.#positions.get(file) ?? createPositions(this.#texts.get(file) ?? '')
    this.#positions.set(file, positions)
    return positions(tokens)
  }
}

function isThere(root: unknown, tokens: readonly string[]): boolean {
  let value = root
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return false
    value = (value as Record<string, unknown>)[token]
  }
  return true
}
