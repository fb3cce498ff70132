import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { describeKeyStore, newKey } from '../../test/contracts/key-store.ts'
import { endsWithin } from '../../test/support/eventually.ts'
import type { FromStoreWorker, ToStoreWorker } from '../../test/support/store-worker.ts'
import { type KeyStore, keyStorePort } from '../stores/ports/key-store.ts'
import { StoreError, type StoreFailure } from '../stores/ports/store-error.ts'
import { openSqliteReader } from '../stores/sqlite/sqlite-reader.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'
import { createStoreAnswers } from './store-answers.ts'
import { StoreCaller, type StoreCallerOptions } from './store-caller.ts'
import { type AnswerStoreCall, type StoreOutcome, toError } from './store-calls.ts'
import { callPorts, openWrittenStores } from './store-ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-store-calls-'))
const opened: { close(): unknown }[] = []
let count = 0

after(async () => {
  for (const one of opened.reverse()) await one.close()
  rmSync(folder, { recursive: true })
})

/** The keys as a policy in a worker thread has them; the answers of this thread go through `answer`. */
function startWorker(path: string, answer: AnswerStoreCall, options: StoreCallerOptions = {}) {
  const worker = new Worker(new URL('../../test/support/store-worker.ts', import.meta.url), {
    workerData: { path, options },
  })
  opened.push({ close: () => worker.terminate() })
  const waiting = new Map<number, (outcome: StoreOutcome) => void>()
  let nextId = 1
  const tell = (message: ToStoreWorker) => worker.postMessage(message)
  worker.on('message', async (message: FromStoreWorker) => {
    if (message.type === 'used') waiting.get(message.id)?.(message.outcome)
    else tell({ type: 'outcome', id: message.id, outcome: await answer(message.call) })
  })
  function use(method: string, args: unknown[]): Promise<unknown> {
    const id = nextId++
    tell({ type: 'use', id, call: { port: keyStorePort.name, method, args } })
    return new Promise((resolve, reject) => {
      waiting.set(id, (outcome) => (outcome.ok ? resolve(outcome.value) : reject(toError(outcome))))
    })
  }
  return new Proxy(
    {},
    {
      get:
        (_, method: string) =>
        (...args: unknown[]) =>
          use(method, args),
    },
  ) as KeyStore
}

async function openAll(options: StoreCallerOptions = {}) {
  const path = join(folder, `${count++}.db`)
  const store = await openSqliteStore({ path, lockTimeoutMs: 300 })
  const reader = openSqliteReader({ path })
  opened.push(store, reader)
  const answers = createStoreAnswers(openWrittenStores(store.db))
  const keys = startWorker(path, answers.answer, options)
  return { path, keys, other: store.keys, lookup: reader.keys, changes: reader.changes, answers }
}

describeKeyStore('SQLite, called in a worker thread', openAll)

const failsAs = (failure: StoreFailure, message: RegExp) => (error: unknown) =>
  error instanceof StoreError && error.failure === failure && message.test(error.message)

test("the store's own error arrives in the worker", async () => {
  const { path, keys } = await openAll()
  const holder = new DatabaseSync(path)
  holder.exec('begin immediate')
  await assert.rejects(keys.create(newKey()), failsAs('locked', /locked by another process/))
  holder.exec('rollback')
  holder.close()
  const key = newKey()
  await keys.create(key)
  assert.equal((await keys.find(key.id))?.id, key.id)
})

test('a writing thread that does not answer is waited for so long and no longer; so many calls wait and no more', async () => {
  const path = join(folder, `${count++}.db`)
  ;(await openSqliteStore({ path })).close()
  const keys = startWorker(path, () => new Promise(() => {}), { limitMs: 300, maxWaiting: 2 })
  const late = [keys.find('a'), keys.find('b')].map((one) => assert.rejects(one, failsAs('timeout', /within 300 ms/)))
  await assert.rejects(keys.find('c'), failsAs('overloaded', /2 calls wait for it; key-store.find was not begun/))
  assert.ok(await endsWithin(5_000, Promise.all(late)))
  // Those that gave up have left their places.
  await assert.rejects(keys.find('d'), failsAs('timeout', /within 300 ms/))
})

test('when the writing thread is gone, those who wait are told, and nobody waits any more', async () => {
  const caller = new StoreCaller(() => {})
  const call = { port: 'key-store', method: 'revoke', args: ['a', 1] }
  const pending = caller.call(call)
  caller.close()
  await assert.rejects(pending, failsAs('unreachable', /may have been done/))
  await assert.rejects(caller.call(call), failsAs('unreachable', /key-store.revoke was not begun/))
  assert.equal(caller.waiting, 0)
})

test('what cannot be sent between threads fails, and leaves nothing behind', async () => {
  const caller = new StoreCaller((_, call) => void structuredClone(call))
  await assert.rejects(caller.call({ port: 'key-store', method: 'find', args: [() => {}] }), /could not be cloned/)
  assert.equal(caller.waiting, 0)
})

test('only methods of stores can be called by name', async () => {
  const { answers } = await openAll()
  for (const [port, method] of [
    ['key-store', 'constructor'],
    ['key-store', 'hasOwnProperty'],
    ['key-store', '__proto__'],
    ['__proto__', 'toString'],
    ['none', 'find'],
  ] as const) {
    const outcome = await answers.answer({ port, method, args: [] })
    assert.equal(outcome.ok, false)
    assert.match(outcome.ok ? '' : outcome.message, /the store has no/)
  }
})

test('calls that run in the writing thread are bounded', async () => {
  const answers = createStoreAnswers(new Map([['slow', { wait: () => new Promise(() => {}) }]]))
  for (let i = 0; i < 4000; i++) void answers.answer({ port: 'slow', method: 'wait', args: [] })
  assert.equal(answers.running(), 4000)
  const outcome = await answers.answer({ port: 'slow', method: 'wait', args: [] })
  assert.equal(!outcome.ok && outcome.failure, 'overloaded')
})

test('a thread has every method of the store', async () => {
  const { path } = await openAll()
  const reader = openSqliteReader({ path })
  opened.push(reader)
  const calls: string[] = []
  const [entry] = callPorts(reader.db, async ({ method }) => calls.push(method))
  const store = entry?.[1] as Record<string, () => Promise<unknown>>
  for (const method of Object.keys(store)) await store[method]?.()
  assert.deepEqual(calls.sort(), [
    ...['create', 'find', 'import', 'list', 'recordUses', 'remove', 'removeEnded', 'revoke', 'rotate', 'setDisabled'],
    ...['spend', 'update'],
  ])
})
