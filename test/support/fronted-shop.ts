import { type Shop, type ShopOptions, startShop as startBareShop } from '../../examples/shop/shop.ts'
import { compileWithFiles } from '../../src/config/compile-with-files.ts'
import { formatErrors } from '../../src/config/config-error.ts'
import type { TestGateway } from './gateway.ts'
import { startSnapshotGateway } from './policy-gateway.ts'

export interface FrontedShop extends Shop {
  /** The same shop without anything in front of it. */
  readonly bareUrl: string
  readonly gateway: TestGateway
}

const document = new URL('../../examples/shop/openapi.yaml', import.meta.url).pathname

/** What stands in front, where the environment names no other `defaults`: the OpenAPI document and nothing else. */
const defaults = process.env.SHOP_DEFAULTS ?? `{ validate: { openapi: ${document} } }`

/** The example shop behind these: anyone may call. */
export async function startShop(options?: ShopOptions): Promise<FrontedShop> {
  const shop = await startBareShop(options)
  const compiled = await compileWithFiles(`
version: 1
listen: { http: { host: 127.0.0.1, port: 0, serve: true, reason: a test } }
upstreams: { shop: { targets: ['${shop.url}'] } }
defaults: ${defaults}
routes:
  - path: /**
    access: public
    reason: a test
    upstream: shop
    loosen: { bodyLimits: { maxBytes: 8MiB, reason: uploads } }
`)
  if (!compiled.ok) throw new Error(formatErrors(compiled.errors))
  const gateway = await startSnapshotGateway(compiled.snapshot)
  return {
    url: gateway.url,
    bareUrl: shop.url,
    gateway,
    async close() {
      await gateway.stop()
      await shop.close()
    },
  }
}
