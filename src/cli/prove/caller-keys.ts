import { InvalidArgumentError } from 'commander'
import type { Snapshot } from '../../config/snapshot.ts'
import { didYouMean } from '../../core/suggest.ts'
import { readSecret } from '../../runtime/secrets.ts'

/** References to private keys of callers, by the name of their issuer or their `keyId`. */
export type CallerKeys = ReadonlyMap<string, string>

/** Reads one `--key`. */
export function collectKey(text: string, before: CallerKeys): CallerKeys {
  const [, name, reference] = /^(.+)=((?:env|file):.+)$/.exec(text) ?? []
  if (name === undefined || reference === undefined) {
    throw new InvalidArgumentError('It is a name and a reference, such as main=file:issuer.pem.')
  }
  return new Map([...before, [name, reference]])
}

/** A name that nothing in the policy file has, in words for the operator. */
export function findStrayKey(snapshot: Snapshot, keys: CallerKeys): string | null {
  const known = new Set([...Object.keys((snapshot.blocks.issuers ?? {}) as object), ...signatureKeyIds(snapshot)])
  for (const name of keys.keys()) {
    if (known.has(name)) continue
    const hint = didYouMean(name, known)
    return `--key: "${name}" is neither an issuer under \`issuers\` nor a \`keyId\`${hint === null ? '' : `. ${hint}`}`
  }
  return null
}

/** Paths start from the folder in which the command runs, as those of the other options do. */
export async function readCallerKeys(keys: CallerKeys): Promise<ReadonlyMap<string, string>> {
  const entries = [...keys].map(async ([name, reference]) => [name, await readSecret(reference, '.')] as const)
  return new Map(await Promise.all(entries))
}

function signatureKeyIds({ routes }: Snapshot): string[] {
  return routes.flatMap(({ policies }) =>
    policies.flatMap(({ name, options }) =>
      name === 'http-signature' ? (options as { keys: { keyId: string }[] }).keys.map(({ keyId }) => keyId) : [],
    ),
  )
}
