import type { ServerResponse } from 'node:http'
import { parseSessionField, sessionField } from '../policies/establish-session/session-field.ts'

/** Who is logged in, as the application checked it. */
export interface SessionCaller {
  readonly subject: string
  /** Default `user`. */
  readonly kind?: 'user' | 'service'
  readonly tenant?: string | null
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly attributes?: Readonly<Record<string, unknown>>
  /** How strongly the caller proved itself, such as `multi-factor`. */
  readonly assurance?: string | null
  /** When, in epoch seconds. Default: now. */
  readonly authTime?: number
}

/**
 * Sessions of an embedding application, on routes with `establishSession`; on others nothing happens, and the log says
 * so. Each is to be called before the answer's head is sent, which then carries the cookie.
 */
export interface GuardSessions {
  /** Begins a session for a caller, always under a new secret; the one that came with the request ends. */
  create(response: ServerResponse, caller: SessionCaller): void
  /** Gives the session a new secret; to be called whenever privileges change, with the caller as it is now. */
  rotate(response: ServerResponse, caller?: SessionCaller): void
  /** Ends the session on the server and takes the cookie away. */
  end(response: ServerResponse): void
}

/** They say what an upstream would, so that one piece of code carries it out. */
export const guardSessions: GuardSessions = Object.freeze({
  create: (response, caller) => say(response, encode(caller)),
  rotate: (response, caller) => say(response, caller === undefined ? 'renew' : encode(caller)),
  end: (response) => say(response, 'end'),
} satisfies GuardSessions)

function say(response: ServerResponse, value: string): void {
  if (response.headersSent) throw new Error('the answer has begun: sessions are begun and ended before it')
  const order = parseSessionField(value, Date.now())
  if (order.kind === 'invalid') throw new TypeError(`no session can be made of this: ${order.problem}`)
  response.setHeader(sessionField, value)
}

function encode(caller: SessionCaller): string {
  return Buffer.from(JSON.stringify(caller)).toString('base64url')
}
