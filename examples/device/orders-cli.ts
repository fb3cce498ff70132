import * as client from 'openid-client'

const api = process.env.API ?? 'http://127.0.0.1:8080'

// Everything else is found out at the issuer. Plain HTTP is for this machine only.
const config = await client.discovery(new URL(`${api}/identity`), 'orders-cli', undefined, client.None(), {
  execute: [client.allowInsecureRequests],
})

const started = await client.initiateDeviceAuthorization(config, { scope: 'openid offline_access orders:read' })
console.log(`Open ${started.verification_uri} in any browser and type ${started.user_code}`)

// It asks every five seconds whether the person is done, and slower when it is told to.
const tokens = await client.pollDeviceAuthorizationGrant(config, started)
console.log(`Logged in as ${tokens.claims()?.sub}.`)

// Where it is kept, it logs in the next time without a person: in the keychain, never in a file that others can read.
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token as string)
const answer = await fetch(`${api}/orders`, { headers: { authorization: `Bearer ${renewed.access_token}` } })
console.log(`The API answers ${answer.status}.`)
