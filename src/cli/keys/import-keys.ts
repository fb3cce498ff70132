import { createReadStream } from 'node:fs'
import { Option } from 'commander'
import type { ImportConflict, KeyStore, NewKey } from '../../stores/ports/key-store.ts'
import type { CommandSet, CommonOptions } from './command-set.ts'
import { type ImportFormat, openFormat } from './import-format.ts'
import { KeyCommandError } from './key-session.ts'
import { toNewKey } from './key-values.ts'
import { readLines } from './read-lines.ts'

interface ImportOptions extends CommonOptions {
  readonly format?: ImportFormat
}

/** Keys that are added in one transaction, all or none. */
const batchSize = 5000
const maxShownErrors = 20

interface Progress {
  added: number
  present: number
}

export function addImport({ add, run, print, surroundings }: CommandSet): void {
  add('import', 'Add many keys of which only the SHA-256 is known', {
    examples: [
      ['keys import keys.jsonl', '{"hash":"9f86d0…","owner":"shop-app","roles":["customer"]} on each line'],
      ['keys import - --format csv', 'the first line names the columns'],
    ],
    notes:
      'Fields: hash (SHA-256 of the whole key, in hex) and owner; and where wanted id, name, tenant, roles, scopes, cidrs,\n' +
      'environment, metadata, usesLeft, rateLimit, quota, createdAt, expiresAt. In CSV, lists are separated by spaces.\n' +
      `Each ${batchSize} lines are added together or not at all. Keys that are there already are passed over, so an import\n` +
      'that was cut off is simply run again. Keys that Portcullis did not make are let in where the policy file has\n' +
      '`apiKey: { foreign: … }`.',
  })
    .argument('<file>', 'JSON lines or CSV; - for standard input')
    .addOption(
      new Option('--format <format>', 'what it is written in, where its name does not say').choices(['jsonl', 'csv']),
    )
    .action((file: string, options: ImportOptions) =>
      run(options, async (store) => {
        const format = options.format ?? (file.endsWith('.csv') ? 'csv' : 'jsonl')
        const progress: Progress = { added: 0, present: 0 }
        const input = file === '-' ? surroundings.input() : createReadStream(file)
        await importAll(store, input, format, surroundings.now(), progress)
        const text = `${progress.added} keys were added, ${progress.present} were there already.`
        print(options.json, progress, text)
      }),
    )
}

interface Batch {
  readonly keys: NewKey[]
  readonly lines: number[]
  readonly errors: string[]
}

async function importAll(
  store: KeyStore,
  input: AsyncIterable<Uint8Array>,
  formatName: ImportFormat,
  now: number,
  progress: Progress,
): Promise<void> {
  const format = openFormat(formatName)
  let batch: Batch = { keys: [], lines: [], errors: [] }
  let last = 0
  try {
    for await (const { number, text } of readLines(input)) {
      last = number
      try {
        const values = format.read(text)
        if (values === null) continue
        batch.keys.push(toNewKey(values, now))
        batch.lines.push(number)
      } catch (error) {
        if (!(error instanceof KeyCommandError)) throw error
        batch.errors.push(`line ${number}: ${error.message}`)
      }
      if (batch.keys.length + batch.errors.length < batchSize) continue
      await addBatch(store, batch, progress)
      batch = { keys: [], lines: [], errors: [] }
    }
  } catch (error) {
    if (!isReadError(error)) throw error
    throw stopped([last === 0 ? error.message : `after line ${last}: ${error.message}`], progress)
  }
  await addBatch(store, batch, progress)
}

async function addBatch(store: KeyStore, { keys, lines, errors }: Batch, progress: Progress): Promise<void> {
  if (errors.length > 0) throw stopped(errors, progress)
  if (keys.length === 0) return
  const result = await store.import(keys)
  if (result.kind === 'conflict')
    throw stopped(
      result.conflicts.map((one) => describe(one, keys, lines)),
      progress,
    )
  progress.added += result.added
  progress.present += result.present
}

function describe({ index, taken }: ImportConflict, keys: readonly NewKey[], lines: readonly number[]): string {
  const { id } = keys[index] as NewKey
  const what = taken === 'id' ? `the id ${id} belongs to a key with another hash` : 'its hash belongs to another key'
  return `line ${lines[index]}: ${what}`
}

/** Tells the lines to mend, and what is there nevertheless. */
function stopped(errors: readonly string[], { added, present }: Progress): KeyCommandError {
  const more = errors.length > maxShownErrors ? [`and ${errors.length - maxShownErrors} more`] : []
  return new KeyCommandError(
    [
      ...errors.slice(0, maxShownErrors),
      ...more,
      `Nothing of this batch was added. Of those before, ${added} were added and ${present} were there already. ` +
        'Mend it and run the import again: what is there is passed over.',
    ].join('\n'),
  )
}

/** What keeps a file from being read, apart from faults of ours. */
function isReadError(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || error.name === 'LineError')
}
