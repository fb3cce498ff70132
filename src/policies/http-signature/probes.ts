import { createHmac, randomBytes } from 'node:crypto'
import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import type { HttpSignatureOptions } from './options.ts'

const covered = '("@method" "@authority" "@path" "@query")'

/** Signatures in the name of a caller, made without its key. */
export function createProbes({ keys, tag }: HttpSignatureOptions, target: ProbeTarget): readonly Probe[] {
  const keyId = keys[0]?.keyId ?? 'probe'
  const suffix = tag === undefined ? '' : `;tag="${tag}"`
  const created = Math.floor(Date.now() / 1000)
  const input = (list: string, at = created, key = keyId) =>
    `${list};created=${at};keyid=${JSON.stringify(key)};nonce="${randomBytes(9).toString('base64url')}"${suffix}`
  const attack = createAttack(target)
  const signed = (name: string, description: string, signature: Buffer, standard?: string) =>
    attack(name, toFields('sig', description, signature), standard)
  const garbage = randomBytes(64)
  const empty = createHmac('sha256', '')
    .update(`"@signature-params": ${input(covered)}`)
    .digest()
  const two = toFields('sig', input(covered), garbage)
  return [
    {
      name: 'a caller with a valid credential passes',
      kind: 'honest',
      requests: [{ method: target.method, path: target.path }],
      expect: { outcome: 'passed' },
    },
    attack('no signature', []),
    signed('a signature that is none', input(covered), garbage),
    signed('a signature with an empty secret', input(covered), empty),
    signed('an empty signature', input(covered), Buffer.alloc(0)),
    signed('a signature that covers nothing', input('()'), garbage, 'RFC 9421 section 7.2.1'),
    signed('a signature of last year', input(covered, created - 31_536_000), garbage, 'RFC 9421 section 7.2.2'),
    signed('a signature of next year', input(covered, created + 31_536_000), garbage, 'RFC 9421 section 7.2.2'),
    signed('a key that nobody has', input(covered, created, `${keyId}-unknown`), garbage),
    signed('another algorithm than the key’s', `${input(covered)};alg="none"`, garbage, 'RFC 9421 section 7.3.6'),
    attack('a label that stands twice', [...two, ...two], 'RFC 9421 section 7.2.5'),
    attack('a signature without its description', two.slice(1)),
    attack('a description without its signature', two.slice(0, 1)),
  ]
}

function toFields(label: string, input: string, signature: Buffer): FieldPairs {
  return [
    ['signature-input', `${label}=${input}`],
    ['signature', `${label}=:${signature.toString('base64')}:`],
  ]
}

function createAttack(target: ProbeTarget) {
  return (
    name: string,
    headers: FieldPairs,
    standard = 'RFC 9421 section 3.2',
    more: Partial<ProbeRequest> = {},
  ): Probe => ({
    name,
    kind: 'attack',
    standard,
    requests: [{ method: target.method, path: target.path, as: 'none', headers, ...more }],
    expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
  })
}
