import { suggest } from '../../core/suggest.ts'
import { KeyCommandError } from '../keys/key-session.ts'

/** An issuer that the policy file trusts. */
export interface NamedIssuer {
  /** Null for one that has no name of its own. */
  readonly name: string | null
  readonly issuer: string
}

/** The `iss` that a name or an `iss` stands for. One that is misspelled would revoke nothing, so it is an error. */
export function findIssuer(written: string, issuers: readonly NamedIssuer[]): string {
  const found = issuers.find(({ name, issuer }) => name === written || issuer === written)
  if (found !== undefined) return found.issuer
  const known = issuers.flatMap(({ name, issuer }) => (name === null ? [issuer] : [name, issuer]))
  const near = suggest(written, known)
  const hint =
    known.length === 0
      ? 'The policy file trusts none.'
      : near === null
        ? `The policy file trusts ${issuers.map(({ name, issuer }) => (name === null ? issuer : `${name} (${issuer})`)).join(', ')}.`
        : `Did you mean ${near}?`
  throw new KeyCommandError(`There is no issuer "${written}". ${hint}`)
}
