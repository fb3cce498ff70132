import type { EventEmitter } from 'node:events'
import { Provider } from 'oidc-provider'
import type { PolicyLog } from '../../core/telemetry.ts'
import type { ClientSecret } from '../../stores/ports/client-store.ts'
import type { FactorLookup } from '../../stores/ports/factor-store.ts'
import { compareSecrets, parseSecrets } from '../clients/compare-secrets.ts'
import { answerPolls, type Polls } from '../device/polling.ts'
import { createTokenReader } from '../exchange/read-token.ts'
import { registerTokenExchange } from '../exchange/token-exchange.ts'
import type { KeySet } from '../keys/signing-keys.ts'
import { registerPasswordGrant } from '../legacy/password-grant.ts'
import type { Passwords } from '../login/password.ts'
import { keepLogouts, type LogoutKeeper } from '../logout/keep-logouts.ts'
import type { IdentityOptions } from '../options.ts'
import { adaptTokens } from '../tokens/adapt-tokens.ts'
import type { StructuredTokens } from '../tokens/structured-tokens.ts'
import { addPersonScopes } from '../userinfo/person-scopes.ts'
import { type ConfigurationDeps, toConfiguration } from './configuration.ts'
import { showForwardPages } from './forward-pages.ts'
import { noteRefusals } from './note-refusals.ts'

export interface ProviderDeps extends ConfigurationDeps {
  readonly keepLogout: LogoutKeeper
  readonly polls: Polls
  readonly passwords: Passwords
  readonly factors: FactorLookup
  readonly structured: Pick<StructuredTokens, 'read'>
  readonly now: () => number
  readonly log: PolicyLog
}

/** What a page of oidc-provider's own may do: it has one script, which it names here by its digest. */
const plainPagePolicy = "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'"

/** Makes oidc-provider. It knows its keys from the beginning: with others, another one is made. */
export function createProvider(options: IdentityOptions, keys: KeySet, deps: ProviderDeps): Provider {
  const provider = new Provider(options.issuer, toConfiguration(options, keys, deps))
  const { now, log } = deps
  const secrets = new WeakMap<object, readonly ClientSecret[]>()
  provider.Client.prototype.compareClientSecret = function (shown) {
    // A client whose secrets have changed is another object.
    const known = secrets.get(this) ?? parseSecrets(this.clientSecret as string)
    secrets.set(this, known)
    return compareSecrets(known, shown, now())
  }
  provider.use(async (ctx, next) => {
    // A form that is posted gets an answer that is no page, or one that says by itself what it holds.
    if (ctx.method !== 'GET') {
      await next()
      // What is empty is no text: some clients do not take one for the answer of a revocation.
      if (ctx.body === '') ctx.remove('content-type')
      return
    }
    ctx.set('content-security-policy', plainPagePolicy)
    await next()
    if (!ctx.response.is('html')) ctx.remove('content-security-policy')
  })
  showForwardPages(provider, deps.looks)
  answerPolls(provider, deps.polls)
  const read = createTokenReader(provider, deps.structured, keys)
  adaptTokens(provider, read)
  addPersonScopes(provider)
  if (deps.fileClients.some(({ settings }) => settings.legacy?.password !== undefined))
    registerPasswordGrant(provider, { ...deps, secondFactor: options.secondFactor })
  registerTokenExchange(provider, options, { ...deps, read })
  noteRefusals(provider, log)
  keepLogouts(provider, deps.keepLogout)
  provider.on('server_error', (_ctx, error) => log.error('identity_fault', { error }))
  // Koa's own, for what no handler of oidc-provider caught; without it, it would be printed.
  const emitter: EventEmitter = provider
  emitter.on('error', (error: unknown) => log.error('identity_fault', { error }))
  return provider
}
