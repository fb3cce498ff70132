import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { UpstreamOptions } from '../../src/config/snapshot.ts'
import { silentLog } from '../../src/core/telemetry.ts'
import type { Upstream } from '../../src/gateway/upstream/dispatch.ts'
import { createUpstream, type UpstreamDeps } from '../../src/gateway/upstream/upstream.ts'
import { type RawServer, startRawServer } from './raw-server.ts'
import { upstreamOptions } from './upstream-caller.ts'

/** An upstream that is closed with the test. */
export function upstreamTo(
  t: TestContext,
  targets: string | readonly string[],
  own: Partial<UpstreamOptions> = {},
  deps: Partial<UpstreamDeps> = {},
): Upstream {
  const upstream = createUpstream('test', upstreamOptions([targets].flat(), own), { log: silentLog, ...deps })
  t.after(() => upstream.close())
  return upstream
}

export async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function serveRaw(t: TestContext, ...parameters: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...parameters)
  t.after(() => server.close())
  return server
}
