import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { AccountStore } from '../../../stores/ports/account-store.ts'
import { KeyCommandError, WrongUseError } from '../../keys/key-session.ts'
import { parseText } from '../../keys/parse-arguments.ts'
import { type DialectName, dialectNames, type FirebaseParameters, toDialect } from './dialects.ts'
import { toFormat, withImportFile } from './import-file.ts'
import { type Imported, importUsers } from './import-users.ts'
import { type ImportFormat, importFormats, readEntries } from './read-entries.ts'

export interface ImportCommandOptions {
  readonly format?: ImportFormat
  readonly from?: DialectName
  readonly firebaseParameters?: string
  readonly tenant?: string
  readonly dryRun?: true
}

const help = `
Fields: username; and where wanted passwordHash, tenant, roles, scopes, attributes, id, email, emailVerified, disabled,
createdAt. Hashes are Argon2, PBKDF2 or scrypt in PHC form, bcrypt, or what Django, passlib and Werkzeug write. In CSV the first
line names the fields; roles and scopes are words with spaces between them.

The whole file is looked at first: where a line is wrong, nothing is imported. Accounts that are there already are passed over,
so that an import that was cut off is run again. A hash is replaced by one of today when its owner logs in.`

export function addImportOptions(command: Command): Command {
  return command
    .argument('<file>', 'CSV, JSON or JSON lines; - for standard input')
    .addOption(
      new Option('--format <format>', 'what the file is; default: by its ending, or jsonl').choices(importFormats),
    )
    .addOption(new Option('--from <program>', 'it is an export of this program').choices(dialectNames))
    .option(
      '--firebase-parameters <file>',
      "JSON with the project's signerKey, saltSeparator, rounds, memCost",
      parseText,
    )
    .option('--tenant <tenant>', 'the tenant of users who name none', parseText)
    .option('--dry-run', 'look at everything and import nothing')
    .addHelpText('after', help)
}

export async function runImport(
  accounts: AccountStore,
  file: string,
  options: ImportCommandOptions,
  { input, now }: { readonly input: () => AsyncIterable<Uint8Array>; readonly now: () => number },
): Promise<Imported> {
  const dialect = options.from === undefined ? null : toDialect(options.from, await readParameters(options))
  const format = options.format ?? dialect?.format ?? toFormat(file)
  try {
    return await withImportFile(file, input, (path) =>
      importUsers(accounts, {
        read: () => readEntries(path, format),
        toFields: dialect?.toFields ?? null,
        tenant: options.tenant ?? null,
        dryRun: options.dryRun === true,
        now: now(),
      }),
    )
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    const isMissing = 'code' in error && error.code === 'ENOENT'
    throw new KeyCommandError(isMissing ? `${file}: there is no such file` : error.message)
  }
}

export function formatImported({ added, present, hashes, withoutPassword }: Imported, dryRun: boolean): string {
  const kinds = Object.entries(hashes).map(([name, count]) => `${count} with ${name}`)
  const passwords = [...kinds, ...(withoutPassword > 0 ? [`${withoutPassword} without a password`] : [])].join(', ')
  const verb = dryRun ? 'would be added' : 'were added'
  const shown = passwords === '' ? '' : `\nIn the file: ${passwords}.`
  return `${added} accounts ${verb}, ${present} were there already.${shown}`
}

const firebaseParameters = z.object({
  signerKey: z.string().min(1).max(200),
  saltSeparator: z.string().max(100),
  rounds: z.int().min(1).max(999),
  memCost: z.int().min(1).max(99),
})

async function readParameters(options: ImportCommandOptions): Promise<FirebaseParameters | null> {
  if (options.firebaseParameters === undefined) return null
  let value: unknown
  try {
    value = JSON.parse(await readFile(options.firebaseParameters, 'utf8'))
  } catch {
    throw new WrongUseError(`${options.firebaseParameters} cannot be read as JSON.`)
  }
  const parsed = firebaseParameters.safeParse(value)
  if (parsed.success) return parsed.data
  throw new WrongUseError(
    `${options.firebaseParameters} does not hold signerKey, saltSeparator, rounds and memCost of a Firebase project.`,
  )
}
