import { parentPort, workerData } from 'node:worker_threads'
import type { MetricJson } from '../observe/metrics.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { Serving } from './serving.ts'
import { StoreCaller } from './store-caller.ts'
import { openThreadEnvironment, type ThreadInit } from './thread-environment.ts'

/*
 * The entry of a gateway thread. It only serves: files are watched, stores are written and scrapes are answered by the
 * main thread.
 */

const port = parentPort
if (port === null) throw new Error('a gateway worker is started as a thread')
const send = (message: FromWorker): void => port.postMessage(message)

const stores = new StoreCaller((id, call) => send({ type: 'store-call', id, call }))
const environment = await openThreadEnvironment(workerData as ThreadInit, {
  recordKeyUses: (batch) => send({ type: 'key-uses', batch }),
  callStore: stores.call,
})
environment.meter.gauge(
  'portcullis_store_calls_waiting',
  'Calls of a thread that the writing thread has not answered',
  () => stores.waiting,
)
const serving = new Serving(environment)

port.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'prepare':
      serving.prepare(message.revision).then(
        (listeners) => send({ type: 'prepared', id: message.id, listeners }),
        (error: unknown) => send({ type: 'failed', id: message.id, message: toMessage(error) }),
      )
      return
    case 'commit':
      serving.commit()
      return
    case 'discard':
      serving.discard()
      return
    case 'ports':
      environment.setHttpsPort(message.https)
      return
    case 'metrics':
      send({ type: 'metrics', id: message.id, data: readMetrics() })
      return
    case 'ping':
      send({ type: 'pong' })
      return
    case 'store-outcome':
      stores.settle(message.id, message.outcome)
      return
    case 'reopen-log':
      environment.observer.reopenLog()
      return
    case 'stop':
      void stop(message.drainMs)
      return
  }
})

port.on('close', () => stores.close())

// What was counted outlives this thread, also where an exception ends it.
process.on('uncaughtExceptionMonitor', () => send({ type: 'last-metrics', data: readMetrics() }))

async function stop(drainMs: number): Promise<void> {
  await serving.stop(drainMs)
  send({ type: 'last-metrics', data: readMetrics() })
  stores.close()
  await environment.close()
  process.exit(0)
}

function readMetrics(): MetricJson[] {
  return [...environment.observer.metrics(), ...serving.metrics()]
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
