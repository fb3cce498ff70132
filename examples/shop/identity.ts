import type { IncomingMessage } from 'node:http'
import { createKeySet, type KeySet } from './key-set.ts'

/** The claims of the token that a gateway sets to say who is calling. */
export interface Identity {
  subject: string
  roles: string[]
  scopes: string[]
  /** Whether the signature was checked. */
  verified: boolean
}

export type IdentityReader = (request: IncomingMessage) => Promise<Identity | undefined>

/**
 * Reads `Portcullis-Identity`. Without `jwksUrl` the header is believed as it stands, which is right only
 * if nothing but the gateway can reach this port; with it, a token counts only if its signature and times hold.
 */
export function createIdentityReader(jwksUrl?: string): IdentityReader {
  const keySet = jwksUrl === undefined ? undefined : createKeySet(jwksUrl)
  return async (request) => {
    const token = request.headers['portcullis-identity']
    if (typeof token !== 'string') return undefined
    const claims = keySet === undefined ? decodeSegment(token.split('.')[1]) : await verifyToken(token, keySet)
    if (typeof claims?.sub !== 'string') return undefined
    return {
      subject: claims.sub,
      roles: toStrings(claims.roles),
      // RFC 8693: `scope` is one string, its parts separated by spaces.
      scopes: typeof claims.scope === 'string' ? claims.scope.split(' ').filter(Boolean) : toStrings(claims.scopes),
      verified: keySet !== undefined,
    }
  }
}

async function verifyToken(token: string, keySet: KeySet): Promise<Record<string, unknown> | undefined> {
  const [header, payload, signature, ...rest] = token.split('.')
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined
  const { alg, kid } = decodeSegment(header) ?? {}
  const signed = Buffer.from(`${header}.${payload}`)
  if (!(await keySet.verify({ alg, kid, signed, signature: Buffer.from(signature, 'base64url') }))) return undefined
  const claims = decodeSegment(payload)
  const nowSeconds = Date.now() / 1000
  if (typeof claims?.exp !== 'number' || claims.exp <= nowSeconds) return undefined
  if (claims.nbf !== undefined && (typeof claims.nbf !== 'number' || claims.nbf > nowSeconds)) return undefined
  return claims
}

function decodeSegment(segment: string | undefined): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(segment ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

const toStrings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
