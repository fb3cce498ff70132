import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createLocalMasterKey } from '../../src/crypto/master/local-master-key.ts'
import { openKeyRing } from '../../src/crypto/master/open-key-ring.ts'
import type { LiveKeyRing } from '../../src/crypto/ring/live-key-ring.ts'
import { createSealedPayloads } from '../../src/identity/artefacts/sealed-payloads.ts'
import { createRecoveryCodes } from '../../src/identity/factors/recovery-codes.ts'
import { sealFactor } from '../../src/identity/factors/sealed-factors.ts'
import { toTotpCode, toTotpStep } from '../../src/identity/factors/totp.ts'
import { addFactor } from '../../src/stores/factor-store.ts'
import { createKeyRingStore } from '../../src/stores/key-ring-store.ts'
import { openSqliteStore } from '../../src/stores/sqlite/sqlite-store.ts'
import type { Store } from '../../src/stores/store.ts'

/** What shows codes: the app of a person. */
export interface Authenticator {
  /** `steps`: that of another time, in steps of half a minute from now. */
  code(steps?: number): string
}

export function createAuthenticator(secret: Uint8Array): Authenticator {
  return { code: (steps = 0) => toTotpCode(secret, toTotpStep(Date.now()) + steps) }
}

/** Gives an account of a served gateway a second factor, past all pages. */
export async function addTotp(folder: string, account: string): Promise<Authenticator> {
  const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
  try {
    return await addTotpTo(store, account)
  } finally {
    store.close()
  }
}

export async function addTotpTo(store: Pick<Store, 'db'>, account: string): Promise<Authenticator> {
  const secret = randomBytes(20)
  const id = randomBytes(8).toString('hex')
  const data = { secret: secret.toString('base64url'), step: 0 }
  const sealed = sealFactor(await openPayloads(store), { id, account }, data)
  await addFactor(store.db, { id, account, kind: 'totp', data: sealed, label: null, createdAt: Date.now() })
  return createAuthenticator(secret)
}

/** Gives an account of a served gateway recovery codes, and answers them. */
export async function addRecoveryCodes(folder: string, account: string): Promise<readonly string[]> {
  const store = await openSqliteStore({ path: join(folder, 'data', 'portcullis.db') })
  try {
    const { codes, factor } = createRecoveryCodes(await openPayloads(store), account, Date.now())
    await addFactor(store.db, factor)
    return codes
  } finally {
    store.close()
  }
}

async function openPayloads(store: Pick<Store, 'db'>) {
  const master = createLocalMasterKey(Buffer.from(process.env.TEST_MASTER_KEY as string, 'base64'))
  const ring = await openKeyRing(await createKeyRingStore(store.db).list(), [master])
  return createSealedPayloads({ current: () => ring, withKey: async () => ring } as unknown as LiveKeyRing)
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** As an app reads a secret that is typed into it. */
export function fromBase32(text: string): Buffer {
  const bits = [...text.replaceAll(' ', '')]
    .map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
