import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeRequest } from '../../core/probe.ts'
import { listEndpoints } from '../endpoints.ts'
import { accessTokenType, deviceGrantType, exchangeGrantType } from '../grant-types.ts'
import type { IdentityOptions } from '../options.ts'

const challenge = 'probe'.padEnd(43, '0')
const form: FieldPairs = [['content-type', 'application/x-www-form-urlencoded']]

/** What the identity server must refuse and let pass, of what can be asked without logging in: by endpoint. */
export function createIdentityProbes(options: IdentityOptions): ReadonlyMap<string, readonly Probe[]> {
  const paths = new Map(listEndpoints(options).map(({ id, path }) => [id, path]))
  const ask = (id: string, asked: Omit<ProbeRequest, 'path' | 'as' | 'toEndpoint'>): ProbeRequest => ({
    ...asked,
    path: paths.get(id) as string,
    as: 'none',
    toEndpoint: true,
  })
  return new Map([
    ['openid-configuration', [createDiscoveryProbe(ask)]],
    ['authorize', createAuthorizeProbes(options, ask)],
    ['token', createTokenProbes(options, ask)],
    ['device-authorization', [createDeviceProbe(ask)]],
    ['device', [createUserCodeProbe(ask)]],
    ['userinfo', [createUserinfoProbe(ask)]],
  ])
}

type Ask = (id: string, asked: Omit<ProbeRequest, 'path' | 'as' | 'toEndpoint'>) => ProbeRequest

function createDiscoveryProbe(ask: Ask): Probe {
  return {
    name: 'clients find out where everything is',
    kind: 'honest',
    standard: 'RFC 8414',
    requests: [ask('openid-configuration', { method: 'GET' })],
    expect: { status: [200], headers: { 'content-type': /^application\/json/ } },
  }
}

function createAuthorizeProbes({ clients }: IdentityOptions, ask: Ask): readonly Probe[] {
  const client = clients.find(({ grants }) => grants.includes('authorizationCode'))
  const registered = client?.redirectUris[0]
  if (client === undefined || registered === undefined) return []
  const request = (changes: Readonly<Record<string, string | null>>) => {
    const usual = {
      client_id: client.id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: registered,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }
    const kept = Object.entries({ ...usual, ...changes }).filter((pair): pair is [string, string] => pair[1] !== null)
    return ask('authorize', { method: 'GET', query: new URLSearchParams(kept).toString() })
  }
  const elsewhere = [
    `${registered}/`,
    `${registered}?probe=1`,
    'https://attacker.invalid/callback',
    `${registered}.attacker.invalid`,
  ]
  return [
    {
      name: 'a person is sent to the log-in page',
      kind: 'honest',
      standard: 'RFC 6749 section 4.1',
      requests: [request({})],
      expect: { status: [303], headers: { location: /\/login\// } },
    },
    {
      name: 'nobody is sent to an address that is not registered',
      kind: 'attack',
      standard: 'RFC 9700 section 4.1',
      requests: elsewhere.map((uri) => request({ redirect_uri: uri })),
      expect: { status: [400], headers: { location: null }, judge: 'every' },
    },
    {
      name: 'PKCE is neither left out nor weakened',
      kind: 'attack',
      standard: 'RFC 9700 section 4.8',
      requests: [
        request({ code_challenge: null, code_challenge_method: null }),
        request({ code_challenge_method: 'plain' }),
        request({ code_challenge_method: null }),
      ],
      expect: { status: [303], headers: { location: /[?&]error=invalid_request/ }, judge: 'every' },
    },
    {
      name: 'no token comes in an address',
      kind: 'attack',
      standard: 'RFC 9700 section 2.1.2',
      requests: [request({ response_type: 'token' }), request({ response_type: 'id_token token' })],
      expect: { status: [303], headers: { location: /[?&#]error=/ }, judge: 'every' },
    },
  ]
}

function createTokenProbes({ clients }: IdentityOptions, ask: Ask): readonly Probe[] {
  const post = (fields: Record<string, string>) =>
    ask('token', { method: 'POST', headers: form, body: new URLSearchParams(fields).toString() })
  const confidential = clients.find(({ secret }) => secret !== undefined)?.id ?? 'probe'
  const device = clients.find(({ grants }) => grants.includes('deviceCode'))?.id ?? 'probe'
  const nobody = { client_id: 'probe', client_secret: 'x'.repeat(43) }
  return [
    {
      name: 'a client that is not there, and a secret that is wrong, get nothing',
      kind: 'attack',
      standard: 'RFC 6749 section 5.2',
      requests: [
        post({ grant_type: 'client_credentials', ...nobody }),
        post({ grant_type: 'client_credentials', ...nobody, client_id: confidential }),
        post({ grant_type: 'client_credentials', client_id: confidential }),
      ],
      expect: { status: [400, 401], judge: 'every' },
    },
    {
      name: 'a device code that nobody was given opens nothing',
      kind: 'attack',
      standard: 'RFC 8628 section 5.2',
      requests: [
        post({ grant_type: deviceGrantType, device_code: 'x'.repeat(43), client_id: device }),
        post({ grant_type: deviceGrantType, client_id: device }),
      ],
      expect: { status: [400, 401], judge: 'every' },
    },
    {
      name: 'what is no token of ours is exchanged for none',
      kind: 'attack',
      standard: 'RFC 8693 section 2.2.2',
      requests: [
        post({ grant_type: exchangeGrantType, subject_token: 'probe', subject_token_type: accessTokenType, ...nobody }),
        post({ grant_type: exchangeGrantType, ...nobody }),
      ],
      expect: { status: [400, 401], judge: 'every' },
    },
    {
      name: 'passwords are not exchanged for tokens',
      kind: 'attack',
      standard: 'RFC 9700 section 2.4',
      requests: [post({ grant_type: 'password', username: 'probe', password: 'probe', ...nobody })],
      expect: { status: [400, 401] },
    },
  ]
}

function createDeviceProbe(ask: Ask): Probe {
  const body = new URLSearchParams({ client_id: 'probe', scope: 'openid' }).toString()
  return {
    name: 'a client that is not there gets no code for a device',
    kind: 'attack',
    standard: 'RFC 8628 section 3.1',
    requests: [ask('device-authorization', { method: 'POST', headers: form, body })],
    expect: { status: [400, 401] },
  }
}

function createUserCodeProbe(ask: Ask): Probe {
  const body = new URLSearchParams({ user_code: 'BBBB-BBBB', confirm: 'yes', xsrf: 'probe' }).toString()
  return {
    name: 'a form that no page of ours was asked for lets no device in',
    kind: 'attack',
    standard: 'RFC 8628 section 5.4',
    requests: [ask('device', { method: 'POST', headers: form, body })],
    expect: { status: [400, 429] },
  }
}

function createUserinfoProbe(ask: Ask): Probe {
  const show = (token: string) => ask('userinfo', { method: 'GET', headers: [['authorization', `Bearer ${token}`]] })
  return {
    name: 'nobody learns who a token stands for that is none of ours',
    kind: 'attack',
    standard: 'OpenID Connect Core section 5.3.3',
    requests: [show('probe'), show('eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJwcm9iZSJ9.x')],
    expect: { status: [401], judge: 'every' },
  }
}
