import { randomBytes } from 'node:crypto'
import { readCookie } from '../../core/cookies.ts'
import type { Exchange } from '../../core/exchange.ts'
import { digestSecret } from '../../crypto/digest.ts'
import type { FactorDeps } from './factor-deps.ts'

/** What `amr` holds of a login in which a browser stood in for the second factor: it is one of one factor all the same. */
export const rememberedBrowser = 'remembered'

/** Its artefacts end with the account's password and with its factors, as all of an account do. */
const kind = 'RememberedDevice'
const maxDevices = 20

interface Remembered {
  readonly since: number
  readonly browser: string | null
}

/** Whether the second factor of this account was proved in this browser, by somebody who said that it is theirs. */
export async function isRemembered(deps: FactorDeps, exchange: Exchange, accountId: string): Promise<boolean> {
  if (deps.factorOptions.rememberDevices === 'off') return false
  const shown = readCookie(exchange.headers, toCookieName(deps))
  if (shown === null || shown.length > 1) return false
  const digest = toDigest(shown[0] as string, accountId)
  const artefact = await deps.artefactLookup.find(kind, digest)
  return artefact !== null && (artefact.expiresAt ?? 0) > deps.now()
}

/** @returns the field that hands the browser its secret; null where none is to be remembered */
export async function rememberDevice(deps: FactorDeps, exchange: Exchange, accountId: string): Promise<string | null> {
  const { factorOptions, artefacts, payloads, now } = deps
  const lifetime = factorOptions.rememberDevices
  if (lifetime === 'off') return null
  const secret = randomBytes(32).toString('base64url')
  const digest = toDigest(secret, accountId)
  const known = await listDevices(deps, accountId)
  for (const old of known.slice(maxDevices - 1)) await artefacts.remove(kind, old.id)
  const remembered: Remembered = { since: now(), browser: describeBrowser(exchange.headers.get('user-agent') ?? '') }
  await artefacts.put({
    ...{ kind, digest, grant: null, uid: null, userCode: null },
    payload: payloads.seal(kind, digest, remembered),
    expiresAt: now() + lifetime,
    account: digestSecret(accountId),
  })
  const secure = factorOptions.issuer.startsWith('https:') ? '; Secure' : ''
  const age = `Max-Age=${Math.floor(lifetime / 1000)}`
  return `${toCookieName(deps)}=${secret}; Path=/; ${age}; HttpOnly; SameSite=Lax${secure}`
}

/** Those of an account, the newest first. */
export async function listDevices({ artefactLookup, payloads, now }: FactorDeps, accountId: string) {
  const all = await artefactLookup.listOf(kind, digestSecret(accountId))
  const living = all.filter(({ expiresAt }) => (expiresAt ?? 0) > now())
  const devices = await Promise.all(
    living.map(async (artefact) => ({ id: artefact.digest, ...((await payloads.open(artefact)) as Remembered) })),
  )
  return devices.sort((a, b) => b.since - a.since)
}

/** Only one of this account: an id tells nothing and opens nothing, and ends nobody else's. */
export async function forgetDevice(deps: FactorDeps, accountId: string, id: string): Promise<void> {
  const own = await listDevices(deps, accountId)
  if (own.some((device) => device.id === id)) await deps.artefacts.remove(kind, id)
}

/** The account belongs to it, so that a browser that was remembered for one is not for another. */
function toDigest(secret: string, accountId: string): string {
  return digestSecret(`${secret}:${accountId}`)
}

function toCookieName({ factorOptions }: FactorDeps): string {
  return factorOptions.issuer.startsWith('https:') ? '__Host-portcullis-device' : 'portcullis-device'
}

const names = ['Edg', 'Firefox', 'Chrome', 'Safari'] as const

/** Enough to tell one browser of a person from another. */
function describeBrowser(userAgent: string): string | null {
  return names.find((name) => userAgent.slice(0, 400).includes(name)) ?? null
}
