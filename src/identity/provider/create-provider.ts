import type { EventEmitter } from 'node:events'
import { Provider } from 'oidc-provider'
import type { PolicyLog } from '../../core/telemetry.ts'
import { compareSecrets } from '../clients/compare-secrets.ts'
import type { KeySet } from '../keys/signing-keys.ts'
import type { IdentityOptions } from '../options.ts'
import { type ConfigurationDeps, toConfiguration } from './configuration.ts'

export interface ProviderDeps extends ConfigurationDeps {
  readonly now: () => number
  readonly log: PolicyLog
}

/** What a page of oidc-provider's own may do: it has one script, which it names here by its digest. */
const plainPagePolicy = "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'"

/** Makes oidc-provider. It knows its keys from the beginning: with others, another one is made. */
export function createProvider(options: IdentityOptions, keys: KeySet, deps: ProviderDeps): Provider {
  const provider = new Provider(options.issuer, toConfiguration(options, keys, deps))
  const { now, log } = deps
  provider.Client.prototype.compareClientSecret = function (shown) {
    return compareSecrets(this.clientSecret as string, shown, now())
  }
  provider.use(async (ctx, next) => {
    ctx.set('content-security-policy', plainPagePolicy)
    await next()
    if (!ctx.response.is('html')) ctx.remove('content-security-policy')
  })
  provider.on('server_error', (_ctx, error) => log.error('identity_fault', { error }))
  // Koa's own, for what no handler of oidc-provider caught; without it, it would be printed.
  const emitter: EventEmitter = provider
  emitter.on('error', (error: unknown) => log.error('identity_fault', { error }))
  return provider
}
