import { shareLoginAttempts } from '../accounts/login-attempts.ts'
import type { Refusal, Reply } from '../core/decision.ts'
import type { Exchange } from '../core/exchange.ts'
import type { EndpointHandler } from '../core/policy.ts'
import { createSourceJudge } from '../core/request-source.ts'
import type { SecretsOptions } from '../crypto/master/options.ts'
import { keyRingsPort } from '../crypto/ring/live-key-ring.ts'
import { outboundPort } from '../outbound/outbound.ts'
import { accountLookupPort } from '../stores/ports/account-store.ts'
import { changeEpochPort } from '../stores/ports/change-log.ts'
import { type ClientRecord, clientLookupPort } from '../stores/ports/client-store.ts'
import { connectionLookupPort } from '../stores/ports/connection-store.ts'
import { endedLoginStorePort } from '../stores/ports/ended-login-store.ts'
import { signingKeyLookupPort, signingKeyStorePort } from '../stores/ports/signing-key-store.ts'
import { createAccount } from './account/account.ts'
import { createOwnClient } from './account/own-client.ts'
import { createAdapters } from './artefacts/create-adapters.ts'
import { createSealedPayloads } from './artefacts/sealed-payloads.ts'
import { bridge } from './bridge/bridge.ts'
import type { BridgedTarget } from './bridge/bridged-request.ts'
import { createClientDirectory } from './clients/directory.ts'
import { readFileClients } from './clients/file-clients.ts'
import { PublishedKeys } from './clients/published-keys.ts'
import { tellAllowances } from './clients/tell-allowances.ts'
import type { IdentityDeps } from './deps.ts'
import { createDevice } from './device/device.ts'
import { createPolls } from './device/polling.ts'
import { type IdentityEndpoint, listEndpoints, toMount } from './endpoints.ts'
import { createFactorDeps } from './factors/factor-deps.ts'
import { createCallback } from './federation/callback.ts'
import { openFederation } from './federation/federation.ts'
import { addUpstreamRoles } from './federation/upstream-roles.ts'
import { SigningKeys } from './keys/signing-keys.ts'
import { createPasswords } from './login/password.ts'
import { runStep } from './login/steps.ts'
import { createLogoutKeeper } from './logout/keep-logouts.ts'
import { LogoutNotices } from './logout/logout-notices.ts'
import { createLogoutTeller, type LogoutTeller } from './logout/logout-teller.ts'
import type { IdentityOptions } from './options.ts'
import { createLookOf, createLooks } from './pages/look.ts'
import { openPasskeys } from './passkeys/passkeys.ts'
import { toLinks } from './people/links.ts'
import { createPeople } from './people/people.ts'
import { createProviders, type MadeProvider } from './provider/providers.ts'
import { createRegistration } from './registration/register.ts'
import { presentToken } from './tokens/present-token.ts'

export interface OpenedIssuer {
  /** What answers each of its endpoints, by id. */
  readonly handlers: ReadonlyMap<string, EndpointHandler>
  readonly tellOfLogout: LogoutTeller
}

/** Endpoints whose form holds a token to look into or to end. */
const takesToken = new Set(['revoke', 'introspect'])

/**
 * Opens one issuer of the identity server in one thread, on the ports of its tenant.
 * @param applications clients that other parts of the same file are
 * @returns rejects where a secret, a master key or the key ring cannot be used.
 */
export async function createIdentity(
  options: IdentityOptions,
  deps: IdentityDeps,
  applications: readonly ClientRecord[] = [],
): Promise<OpenedIssuer> {
  const { provide, now, log } = deps
  const ring = await provide(keyRingsPort).open(
    deps.block<SecretsOptions>('secrets'),
    deps.secret,
    'where-there-is-none',
  )
  const own = createOwnClient(options.issuer, options.pages.name)
  const ours = [own, ...applications].map((client) => [client.id, client] as const)
  const file = new Map([...(await readFileClients(options.clients, deps.secret)), ...ours])
  const fileClients = [...file.values()]
  tellAllowances(fileClients, log)
  const directory = createClientDirectory(file, provide(clientLookupPort), now)
  const accounts = addUpstreamRoles(provide(accountLookupPort), provide(connectionLookupPort), options, now)
  const { rotateEvery, overlap } = options.signingKeys
  const epoch = provide(changeEpochPort)
  const [store, lookup] = [provide(signingKeyStorePort), provide(signingKeyLookupPort)]
  const keys = new SigningKeys({ store, lookup, ring, epoch: epoch.current, now, log, rotateEvery, overlap })
  const outbound = provide(outboundPort)
  const published = deps.shared('identity:client-keys', () => new PublishedKeys({ outbound, now, log }))
  const { adapter, structured } = createAdapters(options, { provide, ring, now, directory, published })
  const origin = new URL(options.issuer)
  const looks = await createLooks(options.pages, origin.host, deps.file)
  const notices = new LogoutNotices({ outbound, directory, log, meter: deps.meter })
  const polls = createPolls(provide)
  const passwords = createPasswords(deps, options.tenant ?? null)
  const payloads = createSealedPayloads(ring, options.realm)
  const factorDeps = createFactorDeps(options, deps, payloads)
  const providers = createProviders(options, keys, {
    adapter,
    structured,
    accounts,
    directory,
    fileClients,
    looks,
    keepLogout: createLogoutKeeper({ payloads, store: provide(endedLoginStorePort), now }),
    polls,
    passwords,
    factors: factorDeps.factors,
    now,
    log,
  })
  const { mount } = toMount(options.issuer)
  // Our pages are at the issuer's address, whatever a balancer says in `Host`.
  const judgeSource = createSourceJudge({ trustedOrigins: [origin.origin], sameSite: false })
  const lookOf = createLookOf(looks)
  const federation = options.providers === undefined ? null : await openFederation(options, deps, payloads)
  const passkeys = openPasskeys(options, deps, payloads)
  const steps = {
    ...{ judgeSource, directory, passwords, passkeys, links: toLinks(options), lookOf, log },
    attempts: shareLoginAttempts(deps),
    ...factorDeps,
    federation,
  }
  const parts = { payloads, judgeSource, passwords, passkeys, lookOf, federation }
  const people = createPeople(options, deps, parts)
  const account = createAccount(options, deps, { ...parts, directory })
  const device = createDevice(deps, parts)

  function answer({ id, kind, inner }: IdentityEndpoint): EndpointHandler {
    if (kind === 'people') return (exchange) => people(id, exchange)
    if (kind === 'account') return (exchange) => account(id, exchange)
    if (kind === 'registration' && options.registration) return createRegistration(options.registration, deps)
    if (kind === 'upstream' && federation !== null) return createCallback(federation, lookOf)
    return async (exchange) => {
      const made = await providers.current()
      const target = { origin, mount, path: fillPath(inner, exchange.params) }
      if (kind === 'device') return device(exchange, target, made.handle)
      return kind === 'login' ? runStep(id, exchange, made.provider, target, steps) : ask(id, exchange, target, made)
    }
  }

  async function ask(
    id: string,
    exchange: Exchange,
    target: BridgedTarget,
    made: MadeProvider,
  ): Promise<Reply | Refusal> {
    if (!takesToken.has(id)) return bridge(exchange, target, made.handle)
    let forget = () => {}
    try {
      return await bridge(exchange, target, made.handle, async (body) => {
        const presented = await presentToken(body, structured, made.keys)
        forget = presented.forget
        return presented.body
      })
    } finally {
      forget()
    }
  }

  // Made at the first start rather than at the first request; who comes meanwhile waits for the same.
  void Promise.resolve(keys.current()).catch((error: unknown) => log.error('signing_keys_not_read', { error }))
  return {
    handlers: new Map(listEndpoints(options).map((endpoint) => [endpoint.id, answer(endpoint)])),
    tellOfLogout: createLogoutTeller({ payloads, notices, current: providers.current }),
  }
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace('{uid}', () => encodeURIComponent(params.uid ?? ''))
}
