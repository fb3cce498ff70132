import { definePort } from '../core/ports.ts'
import type { OutboundRequest } from './outbound.ts'

/** The identity server of the same process, for policies that are a client of it: reached without a connection. */
export interface OwnIssuer {
  readonly issuer: string
  /** Changes with every revision of the configuration: what was learned of the one before is no longer true. */
  readonly revision: string
  /** A client that was made for browser applications. Its secret is of this thread and leaves it never. */
  readonly client: { readonly id: string; readonly secret: string }
  /** Asks an endpoint below the issuer; rejects where there is none. */
  request(url: string, request: Pick<OutboundRequest, 'method' | 'headers' | 'body'>): Promise<Response>
}

export const ownIssuerPort = definePort<OwnIssuer>('own-issuer')
