import { combineHeld, type Held, listsScopes } from '../../openapi/combine-held.ts'
import type { OpenApiDocument } from '../../openapi/open-api-document.ts'
import type { OperationEntry } from '../../openapi/read-operation.ts'

/** What a document asks of the callers of an operation, in the words of a policy file. */
export type DocumentDemand =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'asks'
      readonly authenticate: readonly string[]
      readonly authorize: Readonly<Record<string, Held>> | null
    }
  | { readonly kind: 'unknown'; readonly message: string; readonly hint: string }

/** @param credentials which credential policy takes the place of each security scheme */
export function readDemand(
  document: OpenApiDocument,
  entry: OperationEntry,
  credentials: Readonly<Record<string, string>>,
): DocumentDemand {
  const requirements = document.securityOf(entry)
  if (requirements.length === 0 || requirements.some(({ size }) => size === 0)) return { kind: 'open' }
  const known = requirements.filter((one) => [...one.keys()].every((scheme) => Object.hasOwn(credentials, scheme)))
  const alone = known.filter(({ size }) => size === 1)
  if (alone.length === 0) return { kind: 'unknown', ...explain(requirements, known.length > 0) }
  const pairs = alone.map((one) => [...one][0] as [string, readonly string[]])
  const isScoped = (scheme: string) => listsScopes(document.securitySchemes[scheme] ?? {})
  const scopes = combineHeld(pairs.map(([scheme, listed]) => (isScoped(scheme) ? listed : []))).held
  const roles = combineHeld(pairs.map(([scheme, listed]) => (isScoped(scheme) ? [] : listed))).held
  const asked = Object.entries({ scopes, roles }).filter(([, held]) => held.all.length + held.any.length > 0)
  return {
    kind: 'asks',
    authenticate: [...new Set(pairs.map(([scheme]) => credentials[scheme] as string))],
    authorize: asked.length === 0 ? null : Object.fromEntries(asked.map(([key, held]) => [key, toWritten(held)])),
  }
}

function explain(requirements: readonly ReadonlyMap<string, unknown>[], isTogether: boolean) {
  const schemes = [...new Set(requirements.flatMap((one) => [...one.keys()]))].sort()
  return isTogether
    ? { message: 'asks for several credentials at once, of which one is accepted here', hint: 'Write a route for it.' }
    : {
        message: `asks for ${schemes.map((one) => `"${one}"`).join(', ')}, of which nothing is said here`,
        hint: `Say which credential takes its place: \`securitySchemes: { ${schemes[0]}: apiKey }\`.`,
      }
}

function toWritten({ all, any }: Held): Held {
  return { ...(all.length > 0 && { all }), ...(any.length > 0 && { any }) } as Held
}
