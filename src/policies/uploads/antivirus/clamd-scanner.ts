import type { NetConnectOpts } from 'node:net'
import { failed } from './clamd-reply.ts'
import { ClamdScan } from './clamd-scan.ts'
import type { AntivirusSettings } from './options.ts'
import type { Scan, Verdict, VirusScanner } from './scanner.ts'
import { Turns } from './turns.ts'

/** Before so much of a file has come, no connection is taken: a slow client would keep one from others. */
const openedAtBytes = 64 * 1024
/** Files that wait for a connection, for each one that there is. */
const waitingPerConnection = 16

/** Sends files to ClamAV's daemon while they arrive, over a bounded number of connections. */
export function createClamdScanner(settings: AntivirusSettings): VirusScanner {
  const address = toAddress(settings.clamd)
  const turns = new Turns(settings.connections, settings.connections * waitingPerConnection)
  return { open: () => openScan(address, turns, settings.timeout) }
}

function openScan(address: NetConnectOpts, turns: Turns, timeoutMs: number): Scan {
  let held: Buffer[] = []
  let heldBytes = 0
  let scan: ClamdScan | null = null
  let closed = false

  /** Sends what was held so far. */
  async function start(): Promise<Verdict | null> {
    if (!(await turns.take(timeoutMs))) return failed('every connection is taken')
    if (closed) {
      turns.give()
      return failed('the file broke off')
    }
    scan = new ClamdScan(address, timeoutMs)
    const first = Buffer.concat(held)
    held = []
    return scan.write(first)
  }

  function close(): void {
    closed = true
    if (scan === null) return
    scan.close()
    scan = null
    turns.give()
  }

  return {
    write(bytes) {
      if (scan !== null) return scan.write(bytes)
      held.push(Buffer.from(bytes))
      heldBytes += bytes.length
      if (held.length > 256) held = [Buffer.concat(held)]
      return heldBytes < openedAtBytes ? Promise.resolve(null) : start()
    },
    async end() {
      const early = scan === null ? await start() : null
      const verdict = early ?? (await scan?.end()) ?? failed('the file broke off')
      close()
      return verdict
    },
    close,
  }
}

function toAddress(text: string): NetConnectOpts {
  if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) }
  const { hostname, port } = new URL(text)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}
