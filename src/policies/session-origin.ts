import type { SessionCaller } from '../stores/ports/session-store.ts'

const mark = 'browserLogin'

/**
 * The caller of a session that holds as long as its tokens do. What else is known of them stands with the tokens; sessions
 * of other policies have no attributes at all.
 */
export function tieToTokens(caller: SessionCaller): SessionCaller {
  return { ...caller, attributes: { [mark]: true } }
}

/** Whether a session is worth nothing without tokens, which only `browser-login` looks at. */
export function isTiedToTokens({ attributes }: Pick<SessionCaller, 'attributes'>): boolean {
  return attributes[mark] === true
}
