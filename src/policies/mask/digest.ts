import type { PolicyDeps } from '../../core/policy.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { SecretsOptions } from '../../crypto/master/options.ts'
import { blindIndex } from '../../crypto/ring/fields.ts'
import { keyRingsPort } from '../../crypto/ring/live-key-ring.ts'
import type { MaskOptions } from './options.ts'
import type { Digest } from './ways.ts'

const context = 'mask'

/** Digests under the index key of the key ring, which outlives rotations; the same on every route and thread. */
export async function openDigest({ values, fields }: MaskOptions, deps: PolicyDeps): Promise<Digest> {
  if (![...Object.values(values), ...Object.values(fields)].includes('hash')) return () => ''
  const { block, shared, provide, secret } = deps
  const secrets = block<SecretsOptions>('secrets')
  const ring = await shared(`key-ring:${toStableJson(secrets)}`, () => provide(keyRingsPort).open(secrets, secret))
  return (value, name) => blindIndex(ring.current(), value, [context, name])
}
