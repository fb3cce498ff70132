import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { createExpressGuard } from '../../src/adapters/express.ts'
import { createNodeGuard, type GuardedRequest } from '../../src/adapters/node.ts'
import { readCertificates } from '../../src/runtime/certificates.ts'
import { openDataFolder } from '../../src/runtime/data-folder.ts'
import { loadPolicies } from '../../src/runtime/load-policies.ts'
import { startSystem } from '../../src/runtime/system.ts'

/** Something that enforces a policy file, however it does. */
export interface Deployment {
  readonly https: URL
  readonly ca: string
  stop(): Promise<void>
}

/** @param application answers where the file is enforced by one, instead of a view of who is calling */
export type Deploy = (policyFile: string, application?: RequestListener) => Promise<Deployment>

const answer = (request: GuardedRequest) => ({ principal: request.principal?.id ?? null, url: request.url })

/** The three ways in which one file is enforced. */
export const deployments: Readonly<Record<string, Deploy>> = {
  gateway: async (file) => {
    const system = await startSystem({ load: () => loadPolicies(file), watched: [] })
    const url = system.listeners.find(({ name }) => name === 'https')?.url
    if (url === undefined) throw new Error('the gateway has no HTTPS listener')
    return {
      https: toLoopback(url),
      ca: await readAuthority(system.snapshot.dataFolder),
      stop: () => system.stop(500),
    }
  },

  'node adapter': async (file, application) => {
    const guard = await createNodeGuard({ config: file, watch: false })
    const listener = guard.protect((request, response) => {
      if (application !== undefined) return application(request, response as never)
      response.setHeader('content-type', 'application/json')
      request.resume().once('end', () => response.end(JSON.stringify(answer(request))))
    })
    return serve(
      file,
      (pair) => createServer(pair, listener),
      () => guard.close(),
    )
  },

  'express adapter': async (file, application) => {
    const guard = await createExpressGuard({ config: file, watch: false })
    const app = express()
    app.disable('x-powered-by')
    app.use(guard.middleware)
    if (application !== undefined) app.use(application)
    app.use(express.json())
    app.use((request, response) => void response.json(answer(request as unknown as GuardedRequest)))
    return serve(
      file,
      (pair) => createServer(pair, app),
      () => guard.close(),
    )
  },
}

async function serve(
  file: string,
  create: (options: { cert: string; key: string; maxHeaderSize: number }) => Server,
  close: () => Promise<void>,
): Promise<Deployment> {
  const loaded = await loadPolicies(file, { embedded: true })
  if (!loaded.ok) throw new Error(loaded.message)
  await openDataFolder(loaded.snapshot.dataFolder)
  const [pair] = await readCertificates(loaded.snapshot)
  if (pair === undefined) throw new Error('the file names no certificate')
  const server = create({ cert: pair.cert, key: pair.key, maxHeaderSize: 64 * 1024 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    https: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ca: await readAuthority(loaded.snapshot.dataFolder),
    stop: async () => {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
      await close()
    },
  }
}

async function readAuthority(dataFolder: string): Promise<string> {
  return readFile(join(dataFolder, 'dev-certificate.pem'), 'utf8')
}

function toLoopback(text: string): URL {
  const url = new URL(text)
  url.hostname = '127.0.0.1'
  return url
}
