import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openDatabase } from './database.ts'
import { createEventStream } from './events.ts'
import { createIdentityReader } from './identity.ts'
import { createLive } from './live.ts'
import { createRequestHandler } from './request-handler.ts'
import { createRoutes } from './routes/index.ts'
import { isWebSocketRequest } from './websocket/handshake.ts'

export interface ShopOptions {
  /** 0, the default, picks a free port. The address is always 127.0.0.1: the shop has holes on purpose. */
  port?: number
  /** A file, created and filled if it is not there; `:memory:` by default. */
  databasePath?: string
  /** Where the gateway publishes the keys that sign `Portcullis-Identity`; without it the header is simply believed. */
  jwksUrl?: string
  /** Where uploads are kept, in a folder of their own, until the shop closes; the system's by default. */
  temporaryFolder?: string
}

export interface Shop {
  url: string
  /** Ends every connection, closes the database and removes what was uploaded. */
  close(): Promise<void>
}

/** Starts the unprotected example shop and resolves when it accepts connections. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const { port = 0, databasePath = ':memory:', jwksUrl, temporaryFolder = tmpdir() } = options
  const database = openDatabase(databasePath)
  const uploadsFolder = await mkdtemp(join(temporaryFolder, 'portcullis-shop-'))
  const events = createEventStream()
  const readIdentity = createIdentityReader(jwksUrl)
  const live = createLive(readIdentity)
  const requests = createRequestHandler(createRoutes({ database, events, readIdentity, uploadsFolder }))

  const server = createServer(
    // A wish to upgrade to anything else, or elsewhere, is answered as if it had not been there.
    { shouldUpgradeCallback: (request) => isWebSocketRequest(request) && request.url?.split('?')[0] === '/live' },
    requests.handle,
  )
  server.on('upgrade', live.accept)

  async function close(): Promise<void> {
    const stopped = new Promise((resolve) => server.close(resolve))
    events.close()
    await live.close()
    // One turn lets the last bytes of the event streams leave before their connections are cut.
    await nextTurn()
    server.closeAllConnections()
    await stopped
    await requests.settled()
    database.close()
    await rm(uploadsFolder, { recursive: true, force: true })
  }

  try {
    await listen(server, port)
  } catch (error) {
    await close()
    throw error
  }

  let closed: Promise<void> | undefined
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      closed ??= close()
      return closed
    },
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
