import { randomUUID } from 'node:crypto'
import type { JWK } from 'jose'
import type { StructuredTokens } from './structured-tokens.ts'

export interface PresentedBody {
  readonly body: Uint8Array
  /** The request has ended. */
  forget(): void
}

/** What a signed token looks like; others are kept under what they are. */
const signed = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export function isSigned(token: string): boolean {
  return signed.test(token)
}

/** A form in which a signed token is named as oidc-provider can find it. Everything else stays as it came. */
export async function presentToken(
  body: Uint8Array,
  tokens: StructuredTokens,
  keys: readonly JWK[],
): Promise<PresentedBody> {
  const form = new URLSearchParams(Buffer.from(body).toString())
  const [token, ...others] = form.getAll('token')
  if (token === undefined || others.length > 0 || !isSigned(token)) return { body, forget() {} }
  const name = await tokens.present(token, keys)
  // What is none of ours is not found, which is all that anybody is told of it (RFC 7009 section 2.2).
  form.set('token', name ?? randomUUID())
  return {
    body: Buffer.from(form.toString()),
    forget() {
      if (name !== null) tokens.forget(name)
    },
  }
}
