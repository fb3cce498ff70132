import { type Held, nothingHeld } from '../../openapi/combine-held.ts'

/** What is asked of the callers of a route. */
export interface Demand {
  /** Null: public. */
  readonly authenticate: readonly string[] | null
  /** The issuers whose tokens are accepted; empty: all. */
  readonly issuers: readonly string[]
  readonly roles: Held
  readonly scopes: Held
  /** What a person should know of it, written above it. */
  readonly comment: string | null
}

/** A route as `init` proposes it. */
export interface DraftRoute extends Demand {
  readonly path: string
  /** Empty: every method. */
  readonly methods: readonly string[]
  /** As the document calls it. */
  readonly origin: string
}

/** What `init` makes a policy file of. */
export interface Draft {
  readonly upstream: string
  readonly routes: readonly DraftRoute[]
  /** The issuers of tokens that the document names, by the names that the file calls them. */
  readonly issuers: Readonly<Record<string, string>>
  /** Header fields that keys come in. */
  readonly keyHeaders: readonly string[]
  /** What the paths begin with because the document's servers do; empty where they begin with nothing. */
  readonly basePath: string
  /** The document that requests are held to, from the folder of the policy file; null for none. */
  readonly contract: string | null
  /** What could not be taken over. */
  readonly warnings: readonly string[]
}

export const publicReason = 'the OpenAPI document asks for no credential here'

/** What is asked where nothing is known. */
export const keyDemand: Demand = {
  authenticate: ['apiKey'],
  issuers: [],
  roles: nothingHeld,
  scopes: nothingHeld,
  comment: null,
}

/** Without a document, nothing is known of the API: everything is let through to callers with a key. */
export function createPlainDraft(upstream: string): Draft {
  const routes = [{ ...keyDemand, path: '/**', methods: [], origin: '/**' }]
  return { upstream, routes, issuers: {}, keyHeaders: [], basePath: '', contract: null, warnings: [] }
}
