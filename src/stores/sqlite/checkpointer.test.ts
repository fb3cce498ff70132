import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { eventually } from '../../../test/support/eventually.ts'
import { startCheckpointer } from './checkpointer.ts'
import { openSqliteStore } from './sqlite-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-checkpointer-'))
after(() => rmSync(folder, { recursive: true }))

const MiB = 1024 * 1024

/** A writer that leaves its log alone. */
function openWriter(name: string) {
  const path = join(folder, name)
  const database = new DatabaseSync(path, { timeout: 1000 })
  database.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table texts (id integer, text)')
  const insert = database.prepare('insert into texts values (?, ?)')
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0
  return {
    path,
    database,
    write: (bytes: number) => insert.run(1, 'x'.repeat(bytes)),
    fileBytes: () => sizeOf(path),
    logBytes: () => sizeOf(`${path}-wal`),
  }
}

test('what was committed is moved into the file, once there is enough of it', async () => {
  const writer = openWriter('moved.db')
  const checkpointer = startCheckpointer(writer.path)
  writer.write(MiB / 8)
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.ok(writer.fileBytes() < MiB / 8, 'little is left where it is')
  writer.write(2 * MiB)
  await eventually('the file has grown', () => writer.fileBytes() > 2 * MiB)
  await checkpointer.stop()
  writer.database.close()
})

/** Commits 256 KiB a millisecond: whatever is moved, more has come before the disk has it. Counts the KiB. */
function startSteadyWriter(path: string, written: Int32Array): Worker {
  const program = `
    const { workerData } = require('node:worker_threads')
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(workerData.path, { timeout: 5000 })
    database.exec('pragma synchronous = off; pragma wal_autocheckpoint = 0')
    const insert = database.prepare('insert into texts values (1, ?)')
    const text = 'x'.repeat(262_144)
    for (;;) {
      insert.run(text)
      Atomics.add(workerData.written, 0, 256)
      Atomics.wait(workerData.written, 1, 0, 1)
    }`
  return new Worker(program, { eval: true, execArgv: [], workerData: { path, written } })
}

test('a log that is written to all the time begins anew all the same', async () => {
  const { path, database, logBytes } = openWriter('busy.db')
  const writtenKiB = new Int32Array(new SharedArrayBuffer(8))
  const checkpointer = startCheckpointer(path)
  const writer = startSteadyWriter(path, writtenKiB)
  try {
    // One that had never begun anew would hold all of it.
    await eventually('the log begins anew', () => Atomics.load(writtenKiB, 0) * 1024 > logBytes() + 64 * MiB, 30_000)
  } finally {
    await writer.terminate()
    await checkpointer.stop()
    database.close()
  }
})

test('a place that cannot be looked at is no end of the process', async () => {
  const checkpointer = startCheckpointer(join(folder, 'x'.repeat(300)))
  await new Promise((resolve) => setTimeout(resolve, 600))
  await checkpointer.stop()
})

test('a store that serves leaves its log to the thread, which ends with it', async () => {
  const path = join(folder, 'store.db')
  const store = await openSqliteStore({ path, serves: true })
  await store.revocations.revoke({
    issuer: 'main',
    kind: 'token',
    value: 'one',
    revokedAt: 1,
    issuedUntil: null,
    endsAt: 2,
    reason: null,
  })
  await store.close()
  const other = new DatabaseSync(path)
  assert.equal(other.prepare('select count(*) as count from revocations').get()?.count, 1)
  other.close()
})
