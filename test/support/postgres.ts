import { execFile } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { howToInstall, services } from '../../tools/services/catalog.ts'
import { findService } from '../../tools/services/find-program.ts'
import { findFreePort } from './free-port.ts'
import { type RunningProgram, startProgram } from './program.ts'

/** A PostgreSQL of its own: on a free port of loopback, with temporary data, without waiting for disks. */
export interface RunningPostgres {
  readonly port: number
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>
  /** Runs statements as the superuser, in the database that is always there where no URL names another. */
  run<Row = unknown>(sql: string, url?: string): Promise<Row[]>
  /** Ends it at once, connections and all; the data stays. */
  halt(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

const execute = promisify(execFile)
/** It refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const superuser = 'tester'

/**
 * Tests that share one server. Where PostgreSQL is not installed they are skipped by name; with `CI=true` that fails.
 */
export function describeOnPostgres(name: string, define: (server: () => RunningPostgres) => void): void {
  const program = findService(services.postgres)
  if (program === undefined) {
    if (process.env.CI === 'true') throw new Error(howToInstall([services.postgres]))
    test(name, { skip: 'needs postgres (apt-get install postgresql)' }, () => {})
    return
  }
  describe(name, () => {
    let server: RunningPostgres | undefined
    before(async () => {
      server = await startPostgres(program)
    })
    after(() => server?.stop())
    define(() => server as RunningPostgres)
  })
}

/** @param program the path of `postgres`; `initdb` stands beside it */
export async function startPostgres(program: string, settings: readonly string[] = []): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-postgres-'))
  if (nobody.uid !== undefined) chownSync(folder, nobody.uid, nobody.gid)
  const data = join(folder, 'data')
  const initialise = ['-D', data, '-U', superuser, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
  await execute(join(dirname(program), 'initdb'), initialise, { ...nobody, cwd: folder })
  const port = await findFreePort()
  const options = ['fsync=off', 'shared_buffers=16MB', 'max_connections=400', 'unix_socket_directories=', ...settings]
  const url = (database: string) => `postgres://${superuser}@127.0.0.1:${port}/${database}`
  let running: RunningProgram | null = null
  let count = 0

  async function query<Row>(sql: string, at = url('postgres')): Promise<Row[]> {
    const client = new pg.Client({ connectionString: at, connectionTimeoutMillis: 5000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  async function start(): Promise<void> {
    const flags = options.flatMap((option) => ['-c', option])
    const started = startProgram(program, ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, ...flags], folder, nobody)
    running = started
    for (let tries = 0; ; tries++) {
      const ready = await query('select 1').then(
        () => true,
        () => false,
      )
      if (ready) return
      if (started.hasEnded() || tries > 200) throw new Error(`postgres did not start: ${started.output()}`)
      await sleep(50)
    }
  }

  async function halt(): Promise<void> {
    running?.signal('SIGQUIT')
    await running?.stop()
    running = null
  }

  async function stop(): Promise<void> {
    await halt()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    port,
    run: query,
    async createDatabase() {
      const name = `test_${count++}`
      await query(`create database ${name}`)
      return url(name)
    },
    halt,
    start,
    stop,
  }
}
