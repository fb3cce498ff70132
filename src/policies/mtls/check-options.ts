import { toStableJson } from '../../core/stable-json.ts'
import type { MtlsOptions } from './options.ts'

/** Certificates that would always fit two callers. */
export function checkOptions({ identities }: MtlsOptions): readonly string[] {
  const seen = new Set<string>()
  const problems: string[] = []
  for (const { match } of identities) {
    const key = toStableJson(match)
    if (seen.has(key)) problems.push(`two identities match ${key}: its certificates would be refused as ambiguous`)
    seen.add(key)
  }
  const prefixes = identities.flatMap(({ match }) => match.uriPrefix ?? [])
  const suffixes = identities.flatMap(({ match }) => match.dnsSuffix ?? [])
  for (const { uri, uriPrefix, dns, dnsSuffix } of identities.map(({ match }) => match)) {
    const [name, wider] = [
      uri ?? uriPrefix ?? dns ?? dnsSuffix,
      prefixes.find((prefix) => prefix !== uriPrefix && (uri ?? uriPrefix)?.startsWith(prefix)) ??
        suffixes.find((suffix) => suffix !== dnsSuffix && (dns ?? dnsSuffix)?.endsWith(suffix)),
    ]
    if (wider !== undefined) problems.push(`"${name}" lies within "${wider}": its certificates would fit two callers`)
  }
  return problems
}
