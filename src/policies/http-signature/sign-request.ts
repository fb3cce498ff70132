import { createHash, randomBytes } from 'node:crypto'
import type { FieldPairs } from '../../core/decision.ts'
import { Fields } from '../../core/fields.ts'
import type { RequestToSign } from '../../core/policy.ts'
import type { Signer } from './algorithms.ts'
import { createSignatureBase } from './components.ts'
import type { HttpSignatureOptions } from './options.ts'
import { type BareItem, type InnerList, serializeInnerList } from './structured-field.ts'

/** What a caller would add to this request; a field that a signature must cover and that is not there is added too. */
export function signRequest(
  request: RequestToSign,
  { components, tag }: Pick<HttpSignatureOptions, 'components' | 'tag'>,
  keyId: string,
  sign: Signer,
  now: number,
): FieldPairs {
  const body = request.body ?? new Uint8Array(0)
  const added = new Fields()
  if (body.length > 0) added.set('content-digest', toDigest(body))
  const headers = new Fields(request.headers.flatMap(([name, value]) => [name.toLowerCase(), value]))
  for (const name of components) {
    if (name.startsWith('@') || name === 'content-length' || headers.has(name) || added.has(name)) continue
    added.set(name, name === 'content-digest' ? toDigest(body) : (fillers[name]?.(now) ?? 'probe'))
  }
  const names = new Set([...components, ...(body.length > 0 ? ['content-digest'] : [])])
  const parameters = new Map<string, BareItem>([
    ['created', Math.floor(now / 1000)],
    ['keyid', keyId],
    ['nonce', randomBytes(12).toString('base64url')],
    ...(tag === undefined ? [] : [['tag', tag] as const]),
  ])
  const covered: InnerList = { items: [...names].map((value) => ({ value, parameters: new Map() })), parameters }
  const signed = {
    ...request,
    headers: new Fields([...headers.flat, ...added.flat]),
    body: { declaredLength: body.length },
  }
  const base = createSignatureBase(signed, covered)
  if (typeof base !== 'string') throw new Error(`a request cannot be signed: ${base.problem}`)
  added.append('signature-input', `probe=${serializeInnerList(covered)}`)
  added.append('signature', `probe=:${sign(base).toString('base64')}:`)
  const pairs: [string, string][] = []
  for (let i = 0; i < added.flat.length; i += 2) pairs.push([added.flat[i] as string, added.flat[i + 1] as string])
  return pairs
}

const fillers: Readonly<Record<string, (now: number) => string>> = {
  date: (now) => new Date(now).toUTCString(),
  'content-type': () => 'text/plain',
}

function toDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}
