import type { FieldPairs } from '../core/decision.ts'
import type { Fields } from '../core/fields.ts'
import { definePort } from '../core/ports.ts'

/** One request to somewhere outside. */
export interface OutboundRequest {
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: FieldPairs
  readonly body?: string | Uint8Array
  /**
   * Lets the request reach loopback and private networks. Without it a URL from a configuration or a token could be
   * turned against services that trust their network (SSRF, ASVS v5.0.0-1.3.6). Link-local addresses, where clouds
   * hand out instance credentials, stay refused.
   */
  readonly allowPrivate?: boolean
  /** Lets the request go over plain HTTP: whoever sits on the way may then change the answer. */
  readonly allowHttp?: boolean
  /** The most of an answer's body that is read, in bytes. Default 1 MiB. */
  readonly maxBytes?: number
  /** From the first look-up to the last byte of the answer, in milliseconds. Default 5000. */
  readonly timeoutMs?: number
}

export interface OutboundResponse {
  readonly status: number
  readonly headers: Fields
  readonly body: Uint8Array
}

/**
 * The only way in which Portcullis itself calls other services. It follows no redirect (ASVS
 * v5.0.0-15.3.2), asks no proxy from the
 * environment, and judges the address that it connects to, not the name. Every failure is an `OutboundError`.
 */
export interface OutboundClient {
  request(url: string, request?: OutboundRequest): Promise<OutboundResponse>
  /** Demands 200, a JSON content type and a JSON document, and returns what it holds. */
  json(url: string, request?: OutboundRequest): Promise<unknown>
  close(): Promise<void>
}

export const outboundPort = definePort<OutboundClient>('outbound')
