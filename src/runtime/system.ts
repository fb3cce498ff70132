import type { Snapshot } from '../config/snapshot.ts'
import { startLogRotation } from '../observe/log-rotation.ts'
import { createObserver, type Observer } from '../observe/observer.ts'
import type { KeyUse } from '../stores/ports/key-store.ts'
import { openAdmin } from './admin.ts'
import { CertificateMetrics } from './certificate-metrics.ts'
import { certificateFiles, readCertificates } from './certificates.ts'
import { clientAuthorityFiles, readClientAuthorities } from './client-authorities.ts'
import { FileWatch } from './file-watch.ts'
import { readLogOptions } from './log-options.ts'
import { listMails } from './mail.ts'
import { policyFiles } from './policy-files.ts'
import { checkPortFree } from './port-check.ts'
import { publishProcess } from './process-metrics.ts'
import { openServices } from './services.ts'
import { Supervisor } from './supervisor.ts'
import type { ThreadInit } from './thread-environment.ts'

/** A snapshot, or what is wrong with the file in words for the operator. */
export type Loaded =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly message: string }

export interface SystemOptions {
  /** Reads the policy file anew. */
  readonly load: () => Promise<Loaded>
  /** Further files whose change calls for a reload: the policy file itself. */
  readonly watched: readonly string[]
}

/** A running gateway: its threads, its admin listener, its stores. */
export interface System {
  readonly snapshot: Snapshot
  readonly listeners: readonly { readonly name: string; readonly url: string }[]
  /** Opens once, for an hour; null where there are accounts. It is for the console, and for nothing that is kept. */
  readonly firstAdministratorLink: string | null
  /** Reads the file again and switches to it; a bad file changes nothing. Resolves to what was wrong, or null. */
  reload(): Promise<string | null>
  stop(drainMs?: number): Promise<void>
}

/** Starts everything; rejects with an error in the operator's words, leaving nothing behind. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const loaded = await options.load()
  if (!loaded.ok) throw new Error(loaded.message)
  const stack: (() => Promise<void> | void)[] = []
  const unwind = async () => {
    for (const close of stack.reverse()) await close()
  }
  try {
    return await start(options, loaded.snapshot, stack, unwind)
  } catch (error) {
    await unwind()
    throw error
  }
}

async function start(
  options: SystemOptions,
  first: Snapshot,
  stack: (() => Promise<void> | void)[],
  unwind: () => Promise<void>,
): Promise<System> {
  await checkPorts(first)
  const log = readLogOptions(first)
  const observer = createObserver(log, 'main')
  stack.push(() => observer.close())
  const services = await openServices(first, observer.log, observer.meter)
  stack.push(() => services.close())

  const supervisor = new Supervisor({
    log: observer.log,
    workerData: (index): ThreadInit => ({
      ...services.init,
      thread: `gateway-${index}`,
      passwords: services.sharePasswords(),
    }),
    onKeyUses: (batch) => services.recordKeyUses(batch as readonly KeyUse[]),
    onStoreCall: services.answerStoreCall,
  })
  stack.push(() => supervisor.stop(0))
  const pairs = await readCertificates(first)
  await supervisor.apply(first, pairs, await readClientAuthorities(first, Date.now()))

  const reopen = () => {
    observer.reopenLog()
    supervisor.reopenLogs()
  }
  stack.push(startLogRotation(log.to, reopen, (error) => observer.log.error('log_not_rotated', { error })))
  publishProcess(observer.meter, supervisor)
  const shown = new CertificateMetrics()
  const admin = await openAdmin(first, services.init.dataFolder, {
    observer,
    readMetrics: async () => [[...observer.metrics(), ...shown.toJson(Date.now())], ...(await supervisor.metrics())],
    isReady: () => supervisor.threadCount > 0,
  })
  if (admin !== null) stack.push(() => admin.close())
  shown.show({ https: pairs, admin: admin?.certificates ?? [] })

  let snapshot = first
  let stopped = false
  let refused = false
  observer.meter.gauge(
    'portcullis_policy_file_refused',
    '1 while a bad policy file waits and the one before serves',
    () => (refused ? 1 : 0),
  )
  const watch = new FileWatch(() => void reload())
  stack.push(() => watch.stop())
  const watchFiles = () =>
    watch.watch([
      ...options.watched,
      ...certificateFiles(snapshot),
      ...clientAuthorityFiles(snapshot),
      ...policyFiles(snapshot),
      ...(snapshot.gathered ?? []),
    ])
  await watchFiles()
  noteNotices(snapshot, observer)

  async function reload(): Promise<string | null> {
    if (stopped) return 'the gateway is stopping'
    const problem = await apply()
    refused = problem !== null
    if (problem === null) observer.log.info('reloaded', { revision: snapshot.revision })
    else observer.log.error('reload_refused', { problem, serving: snapshot.revision })
    return problem
  }

  async function apply(): Promise<string | null> {
    try {
      const loaded = await options.load()
      if (!loaded.ok) return loaded.message
      const showAdminCertificates = await admin?.prepareCertificates(loaded.snapshot)
      const renewed = await readCertificates(loaded.snapshot)
      await supervisor.apply(loaded.snapshot, renewed, await readClientAuthorities(loaded.snapshot, Date.now()))
      showAdminCertificates?.()
      shown.show({ https: renewed, admin: admin?.certificates ?? [] })
      noteRestartNeeds(snapshot, loaded.snapshot, observer)
      snapshot = loaded.snapshot
      await watchFiles()
      noteNotices(snapshot, observer)
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  const firstAdministratorLink = await services.offerFirstAdministrator()
  return {
    firstAdministratorLink,
    get snapshot() {
      return snapshot
    },
    get listeners() {
      const gateways = supervisor.listeners.map(({ name, url }) => ({ name, url }))
      return admin === null ? gateways : [...gateways, { name: 'admin', url: admin.url }]
    },
    reload,
    async stop(drainMs = snapshot.server.drainMs) {
      if (stopped) return
      stopped = true
      watch.stop()
      await supervisor.stop(drainMs)
      await unwind()
    },
  }
}

async function checkPorts({ listen }: Snapshot): Promise<void> {
  for (const listener of [listen.https, listen.http]) {
    if (listener !== null) await checkPortFree(listener.host, listener.port)
  }
}

/** Weakenings and unsafe switches are said at every start and reload. */
function noteNotices(snapshot: Snapshot, observer: Observer): void {
  for (const { kind, text, reason } of snapshot.notices) observer.log.warn('policy_notice', { kind, text, reason })
}

function noteRestartNeeds(before: Snapshot, after: Snapshot, observer: Observer): void {
  const changed = (['data', 'counters', 'dataFolder'] as const).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  if (JSON.stringify(before.blocks.log) !== JSON.stringify(after.blocks.log))
    observer.log.warn('restart_needed', { for: 'log' })
  const [mailBefore, mailAfter] = [before, after].map((snapshot) => [...listMails(snapshot)])
  if (JSON.stringify(mailBefore) !== JSON.stringify(mailAfter))
    observer.log.warn('restart_needed', { for: 'identity.mail' })
  if (JSON.stringify(before.blocks.passwords) !== JSON.stringify(after.blocks.passwords))
    observer.log.warn('restart_needed', { for: 'passwords' })
  if (JSON.stringify(before.listen.admin) !== JSON.stringify(after.listen.admin)) {
    observer.log.warn('restart_needed', { for: 'listen.admin' })
  }
  for (const key of changed) observer.log.warn('restart_needed', { for: key })
}
