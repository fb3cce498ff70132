import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { UpstreamIdentityOptions } from './options.ts'

/** What the upstream is told cannot be seen from outside; what a client gets by posing, and the public keys, can. */
export function createProbes({ header, jwksPath }: UpstreamIdentityOptions, target: ProbeTarget): readonly Probe[] {
  return [target.route.path === jwksPath ? createKeysProbe(jwksPath) : createForgeryProbe(header, target)]
}

/** Other methods are not tried here: whether they pass is up to whichever route of the file matches them. */
function createKeysProbe(path: string): Probe {
  return {
    name: 'the public keys are there for everyone',
    kind: 'honest',
    requests: [{ method: 'GET', path, as: 'none' }],
    expect: { outcome: 'passed' },
  }
}

function createForgeryProbe(header: string, { route, method, path }: ProbeTarget): Probe {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: 'portcullis', aud: route.upstream ?? '', sub: 'admin', roles: ['admin'] }
  const token = `${encode({ alg: 'none' })}.${encode(claims)}.`
  const request = { method, path, as: 'none', headers: [[header, token]] } as const
  // On a public route the field is dropped, and the request is an ordinary one.
  return route.authenticated
    ? {
        name: 'an identity of the client’s own making, without a credential',
        kind: 'attack',
        standard: 'v5.0.0-4.1.3',
        requests: [request],
        expect: { outcome: 'refused', status: [401], problem: ['unauthenticated'] },
      }
    : {
        name: 'an identity of the client’s own making does no harm',
        kind: 'honest',
        standard: 'v5.0.0-4.1.3',
        requests: [request],
        expect: { outcome: 'passed' },
      }
}
