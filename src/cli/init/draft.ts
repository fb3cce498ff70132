/** A route as `init` proposes it. */
export interface DraftRoute {
  readonly path: string
  /** Empty: every method. */
  readonly methods: readonly string[]
  /** Null: public. */
  readonly authenticate: readonly string[] | null
  readonly scopes: readonly string[]
  /** What a person should know of it, written above it. */
  readonly comment: string | null
}

/** What `init` makes a policy file of. */
export interface Draft {
  readonly upstream: string
  readonly routes: readonly DraftRoute[]
  /** The issuer of tokens where the document names one, and whether any route asks for tokens. */
  readonly issuer: string | null
  /** Header fields that keys come in. */
  readonly keyHeaders: readonly string[]
  /** What could not be taken over. */
  readonly warnings: readonly string[]
}

export const publicReason = 'the OpenAPI document asks for no credential here'

/** Without a document, nothing is known of the API: everything is let through to callers with a key. */
export function createPlainDraft(upstream: string): Draft {
  const routes = [{ path: '/**', methods: [], authenticate: ['apiKey'], scopes: [], comment: null }]
  return { upstream, routes, issuer: null, keyHeaders: [], warnings: [] }
}
