import { Command } from 'commander'
import { resolveStoreLocation } from '../runtime/store-location.ts'
import type { MigrationState } from '../stores/migrate.ts'
import { type Migrations, openMigrations } from '../stores/open-migrations.ts'
import { StoreError } from '../stores/ports/store-error.ts'
import { describeUse } from './describe-use.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { printFailure } from './print-failure.ts'

interface MigrateOptions {
  readonly config: string
  readonly list?: true
  readonly dryRun?: true
  readonly json?: true
}

/** `portcullis migrate`: the tables of the store, as this version needs them. */
export function createMigrateCommand(): Command {
  const command = new Command('migrate')
    .description('Bring the tables of the store up to this version')
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('--list', 'only list every migration; exits with 1 where one waits')
    .option('--dry-run', 'only say which ones would run')
    .option('--json', 'print JSON')
    .action(async ({ config, list, dryRun, json }: MigrateOptions) => {
      // Only the store is of interest here, and an application's file names one too.
      const snapshot = await loadSnapshot(config, { json, embedded: true })
      if (snapshot === null) return
      let migrations: Migrations | null = null
      try {
        migrations = await openMigrations(await resolveStoreLocation(snapshot))
        const before = await migrations.list()
        const waiting = before.filter(({ state }) => state === 'waiting').map(({ name }) => name)
        const ran = list || dryRun ? [] : await migrations.run()
        const after = ran.length === 0 ? before : await migrations.list()
        if (json) console.log(JSON.stringify({ ran, migrations: after }, null, 2))
        else console.log(list ? formatList(after) : formatRun(dryRun ? waiting : ran, dryRun === true))
        const open = after.some(({ state }) => state === 'unknown' || (list === true && state === 'waiting'))
        if (open) process.exitCode = 1
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        printFailure(error.message, json)
        process.exitCode = 1
      } finally {
        await migrations?.close()
      }
    })
  return describeUse(command, {
    notes: `The gateway does the same when it starts. Run it apart where the gateway's user may not change tables, or to know first
what an upgrade will do. Several may run at once: one migrates, the others wait.`,
    examples: [
      ['migrate', 'runs what waits'],
      ['migrate --list --json', 'which ones have run, for a program'],
    ],
    exits: [
      'the tables are as they should be',
      'they are not, or could not be changed',
      'wrong use, or the policy file is wrong',
    ],
  })
}

function formatList(migrations: readonly MigrationState[]): string {
  return migrations.map(({ name, state }) => `${state.padEnd(9)}${name}`).join('\n')
}

function formatRun(names: readonly string[], dry: boolean): string {
  if (names.length === 0) return 'Nothing to do: every migration has run.'
  return [dry ? 'These would run:' : 'These have run:', ...names.map((name) => `  ${name}`)].join('\n')
}
