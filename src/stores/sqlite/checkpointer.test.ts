import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
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

test('a log that is written to all the time begins anew all the same', async () => {
  const writer = openWriter('busy.db')
  const checkpointer = startCheckpointer(writer.path)
  let written = 0
  const timer = setInterval(() => {
    writer.write(MiB / 2)
    written += MiB / 2
  }, 5)
  try {
    // One that had never begun anew would hold all of it.
    await eventually('the log begins anew', () => written > writer.logBytes() + 64 * MiB, 30_000)
  } finally {
    clearInterval(timer)
    await checkpointer.stop()
    writer.database.close()
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
