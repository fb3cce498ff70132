import { parentPort, workerData } from 'node:worker_threads'
import { createProvide } from '../../src/core/ports.ts'
import { StoreCaller } from '../../src/runtime/store-caller.ts'
import { type StoreCall, type StoreOutcome, toFailedOutcome } from '../../src/runtime/store-calls.ts'
import { callPorts } from '../../src/runtime/store-ports.ts'
import { openSqliteReader } from '../../src/stores/sqlite/sqlite-reader.ts'

/*
 * A thread that has stores as a gateway thread has them. The test tells it which methods to call, and is itself the
 * main thread that runs them.
 */

export type ToStoreWorker =
  | { readonly type: 'use'; readonly id: number; readonly call: StoreCall }
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: StoreOutcome }

export type FromStoreWorker =
  | { readonly type: 'call'; readonly id: number; readonly call: StoreCall }
  | { readonly type: 'used'; readonly id: number; readonly outcome: StoreOutcome }

const { path, options } = workerData as { path: string; options: object }
const port = parentPort as NonNullable<typeof parentPort>
const send = (message: FromStoreWorker) => port.postMessage(message)
const caller = new StoreCaller((id, call) => send({ type: 'call', id, call }), options)
const provide = createProvide(callPorts(openSqliteReader({ path }).db, caller.call))

port.on('message', (message: ToStoreWorker) => {
  if (message.type === 'outcome') return caller.settle(message.id, message.outcome)
  const { id, call } = message
  const store = provide<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>({ name: call.port })
  store[call.method]?.(...call.args).then(
    (value) => send({ type: 'used', id, outcome: { ok: true, value } }),
    (error: unknown) => send({ type: 'used', id, outcome: toFailedOutcome(error) }),
  )
})
