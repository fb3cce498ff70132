import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Snapshot } from '../config/snapshot.ts'
import { CredentialWatch, publishHeldOpen } from '../gateway/credential-watch.ts'
import { HeldBytes, publishHeldBytes } from '../gateway/held-bytes.ts'
import { toExposition } from '../observe/exposition.ts'
import { startLogRotation } from '../observe/log-rotation.ts'
import { createObserver } from '../observe/observer.ts'
import { compileSnapshot } from './compile.ts'
import { EmbeddedCarrier } from './embedded-carrier.ts'
import { type GuardSessions, guardSessions } from './guard-sessions.ts'
import { readLogOptions } from './log-options.ts'
import { openServices } from './services.ts'
import { openThreadEnvironment } from './thread-environment.ts'

/** Portcullis inside an application's own process: the same policies, without a proxy hop. */
export interface Guard {
  /**
   * Decides about a request and calls `next` when it may pass; otherwise answers it. What `next` answers goes through
   * the `respond` policies.
   * @param url the whole target, where a framework has shortened `request.url`
   */
  handle(request: IncomingMessage, response: ServerResponse, next: () => unknown, url?: string): void
  /** Switches to another snapshot; rejects, and changes nothing, when it cannot be compiled. */
  use(snapshot: Snapshot): Promise<void>
  readonly sessions: GuardSessions
  /** What it counted, in Prometheus' text format. Serve it where only your scraper can read it. */
  metrics(): Promise<string>
  close(): Promise<void>
}

/** Opens what a snapshot needs in this process; where that fails, nothing stays open. */
export async function openGuard(first: Snapshot): Promise<Guard> {
  const stack: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const end of stack.splice(0).reverse()) await end()
  }
  try {
    return await open(first, stack, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  first: Snapshot,
  stack: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Guard> {
  const log = readLogOptions(first)
  const observer = createObserver(log, 'services')
  stack.push(() => observer.close())
  const services = await openServices(first, observer.log, observer.meter)
  stack.push(() => services.close())
  const environment = await openThreadEnvironment(
    { ...services.init, thread: 'embedded', passwords: services.sharePasswords() },
    services,
  )
  stack.push(() => environment.close())
  const reopen = () => {
    observer.reopenLog()
    environment.observer.reopenLog()
  }
  stack.push(startLogRotation(log.to, reopen, (error) => observer.log.error('log_not_rotated', { error })))
  const credentials = new CredentialWatch(environment.changeEpoch)
  stack.push(() => credentials.stop())
  publishHeldOpen(environment.meter, () => credentials.size)
  const memory = new HeldBytes()
  publishHeldBytes(environment.meter, () => memory.heldBytes)
  let current = await compileSnapshot(first, environment)
  return {
    handle(request, response, next, url = request.url ?? '') {
      new EmbeddedCarrier(request, response, url, current, next, credentials, memory).start()
    },
    async use(snapshot) {
      const live = await compileSnapshot(snapshot, environment)
      const before = current
      current = live
      before.retire()
      credentials.askAll()
    },
    sessions: guardSessions,
    metrics: () => toExposition([observer.metrics(), environment.observer.metrics()]),
    async close() {
      current.retire()
      await close()
    },
  }
}
