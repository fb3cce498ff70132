// oidc-provider as it comes, with its in-memory adapter, on node:http: client credentials, signed by ES256.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [id, secret] = process.env.CLIENT.split(':')
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const provider = new Provider(origin, {
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig' }] },
    clients: [
      {
        client_id: id,
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://api.example.com/',
        getResourceServerInfo: () => ({
          audience: 'https://api.example.com/',
          scope: 'orders:read',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    ttl: { ClientCredentials: 600 },
  })
  server.on('request', provider.callback())
  console.log(`ready ${origin}`)
})
