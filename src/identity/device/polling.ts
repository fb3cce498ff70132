import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Provide } from '../../core/ports.ts'
import { digestSecret } from '../../crypto/digest.ts'
import { rateTable } from '../../stores/ports/rate-table.ts'

/** How often a device may ask whether its person is done. */
const intervalSeconds = 5
/** It may be a little early: clocks and networks are no metronomes. */
const toleranceMs = 1000

/** Counts how often devices ask, on every instance together. */
export interface Polls {
  /** False: it asks too often. */
  take(deviceCode: string): Promise<boolean>
}

export function createPolls(provide: Provide): Polls {
  const windowMs = intervalSeconds * 1000 - toleranceMs
  const counter = provide(rateTable).open({ id: 'identity-device-polls', limit: 1, windowMs, burst: 1 })
  return {
    take: async (deviceCode) => (await counter.take(digestSecret(deviceCode), 1, performance.now())).admitted,
  }
}

/** Tells devices how often they may ask, and those that ask more often to slow down (RFC 8628 sections 3.2 and 3.5). */
export function answerPolls(provider: Provider, polls: Polls): void {
  provider.use(async (ctx, next) => {
    await next()
    const { oidc, body } = ctx as unknown as KoaContextWithOIDC & { body: Readonly<Record<string, unknown>> }
    if (oidc?.route === 'device_authorization' && ctx.status === 200) ctx.body = { ...body, interval: intervalSeconds }
    if (oidc?.route !== 'token' || body?.error !== 'authorization_pending') return
    if (await polls.take(oidc.params?.device_code as string)) return
    ctx.body = { error: 'slow_down', error_description: 'it asks too often: wait five seconds longer each time' }
  })
}
