import { randomBytes } from 'node:crypto'
import { digestSecret } from '../../crypto/digest.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { Texts } from '../texts/texts.ts'
import { toBase32 } from './base32.ts'
import type { FactorDeps } from './factor-deps.ts'
import { createFactorMail } from './mails.ts'
import { createRecoveryCodes } from './recovery-codes.ts'
import { sealFactor } from './sealed-factors.ts'
import { findTotpStep, totpDigits, totpPeriodSeconds } from './totp.ts'
import type { TotpData } from './totp-factor.ts'

/** A secret that is not used until a code of it was typed. */
export interface Enrolment {
  readonly digest: string
  readonly secret: Buffer
}

const kind = 'TotpEnrolment'
const lifetimeMs = 900_000
/** As long as HMAC-SHA-1 is (RFC 4226 section 4). */
const secretBytes = 20
export const maxLabelLength = 40

/** @param place what the browser is known by, where it enrols; looked at again, it is the same secret */
export async function beginEnrolment(deps: FactorDeps, place: string, accountId: string): Promise<Enrolment> {
  const known = await findEnrolment(deps, place, accountId)
  if (known !== null) return known
  const digest = toDigest(place, accountId)
  const secret = randomBytes(secretBytes).toString('base64url')
  const artefact = {
    ...{ kind, digest, grant: null, uid: null, userCode: null },
    payload: deps.payloads.seal(kind, digest, { secret }),
    expiresAt: deps.now() + lifetimeMs,
    account: digestSecret(accountId),
  }
  await deps.artefacts.add(artefact, deps.now())
  // Of two at the same time, one was added: both show that one.
  const added = await findEnrolment(deps, place, accountId)
  if (added === null) throw new Error('the enrolment was not kept')
  return added
}

async function findEnrolment(deps: FactorDeps, place: string, accountId: string): Promise<Enrolment | null> {
  const digest = toDigest(place, accountId)
  const artefact = await deps.artefactLookup.find(kind, digest)
  if (artefact === null || (artefact.expiresAt ?? 0) <= deps.now()) return null
  const { secret } = (await deps.payloads.open(artefact)) as { readonly secret: string }
  return { digest, secret: Buffer.from(secret, 'base64url') }
}

function toDigest(place: string, accountId: string): string {
  return digestSecret(`${place}:${accountId}`)
}

export interface Confirmation {
  readonly account: AccountRecord
  readonly place: string
  readonly code: string
  readonly label: string
  readonly texts: Texts
}

/** `codes`: those that help out when the device is lost, where it is the first factor. */
export type Confirmed =
  | { readonly kind: 'done'; readonly codes: readonly string[] | null }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'full' }

/** A code was typed: whoever did has the secret, and from now on it is asked for. */
export async function confirmEnrolment(
  deps: FactorDeps,
  { account, place, code, label, texts }: Confirmation,
): Promise<Confirmed> {
  const enrolment = await findEnrolment(deps, place, account.id)
  if (enrolment === null) return { kind: 'ended' }
  const now = deps.now()
  const step = findTotpStep(enrolment.secret, code, now, 0)
  if (step === null) return { kind: 'wrong' }
  const named = { id: randomText(16), account: account.id }
  // The step of this code has gone: it does not also log in.
  const data: TotpData = { secret: enrolment.secret.toString('base64url'), step }
  const common = { createdAt: now, data: sealFactor(deps.payloads, named, data) }
  // Who had a passkey before has no codes yet.
  const has = (await deps.factors.list(account.id)).some((factor) => factor.kind === 'recovery')
  const recovery = !has ? createRecoveryCodes(deps.payloads, account.id, now) : null
  const done = await deps.factorChanges.add({
    factor: { ...named, kind: 'totp', label: label.trim().slice(0, maxLabelLength) || null, ...common },
    recovery: recovery?.factor ?? null,
    enrolment: { kind, digest: enrolment.digest },
    mail: createFactorMail(deps, texts, account, 'added'),
    now,
  })
  if (done !== 'done') return { kind: done }
  return { kind: 'done', codes: recovery?.codes ?? null }
}

/** What apps read from the picture. */
export function toTotpUri(secret: Uint8Array, site: string, username: string): string {
  const parameters = [
    `secret=${toBase32(secret)}`,
    `issuer=${encodeURIComponent(site)}`,
    `digits=${totpDigits}`,
    `period=${totpPeriodSeconds}`,
  ]
  return `otpauth://totp/${encodeURIComponent(site)}:${encodeURIComponent(username)}?${parameters.join('&')}`
}
