import { createHmac, randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Attempt } from './ports/attempt-store.ts'
import { toUsername } from './ports/username.ts'
import type { Tables } from './schema.ts'

/** Under which digests an attempt is counted. */
export interface AttemptKeys {
  readonly account: string
  readonly client: string
  /** All attempts on accounts of one tenant. */
  readonly all: string
}

export type ToAttemptKeys = (attempt: Attempt) => AttemptKeys

const digestLength = 24

/**
 * Names and addresses are kept as keyed digests: what people mistype in the place of a name is a password often enough.
 * The secret is the deployment's, made by whichever instance comes first.
 */
export async function createAttemptKeys(db: Kysely<Tables>): Promise<ToAttemptKeys> {
  const secret = await readSecret(db)
  const digest = (...parts: string[]) => {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
    return hmac.digest('base64url').slice(0, digestLength)
  }
  return ({ tenant, username, client }) => ({
    // What is no name is counted like one: nobody should learn from it which names there are.
    account: digest('account', tenant ?? '', toUsername(username) ?? username),
    client: digest('client', client),
    all: tenant === null ? 'all' : `all:${digest('tenant', tenant)}`,
  })
}

async function readSecret(db: Kysely<Tables>): Promise<Buffer> {
  const read = () => db.selectFrom('attempt_secret').select('secret').where('id', '=', 1).executeTakeFirst()
  let row = await read()
  if (row === undefined) {
    const secret = randomBytes(32).toString('base64url')
    await db
      .insertInto('attempt_secret')
      .values({ id: 1, secret })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    row = await read()
  }
  return Buffer.from((row as { secret: string }).secret, 'base64url')
}
