import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type CryptoKey, exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { type Shop, startShop } from './shop.ts'

// jose signs, the shop's own few lines verify: two implementations have to agree.
const keys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })

let published: object[] = []
let fetches = 0
const keyServer = createServer((_request, response) => {
  fetches += 1
  response.end(JSON.stringify({ keys: published }))
})
let naive: Shop
let careful: Shop

before(async () => {
  published = await Promise.all(
    Object.entries(keys).map(async ([alg, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid: alg })),
  )
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
  const jwksUrl = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/`
  naive = await startShop()
  careful = await startShop({ jwksUrl })
})
after(async () => {
  await Promise.all([naive.close(), careful.close()])
  keyServer.close()
})

const claims = { roles: ['customer'], scope: 'orders:read orders:write' }
const token = (alg: keyof typeof keys, expiresAt: string | number = '1m', kid: string = alg) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg, kid })
    .setSubject('key:demo')
    .setExpirationTime(expiresAt)
    .sign(keys[alg].privateKey)
const me = (shop: Shop, identity: string) => fetch(`${shop.url}/me`, { headers: { 'portcullis-identity': identity } })

test('believes the header as it stands when it was given no keys', async () => {
  const forged = new UnsecuredJWT({ roles: ['admin'] }).setSubject('anyone').encode()
  const answer = await me(naive, forged)
  assert.deepEqual(await answer.json(), {
    subject: 'anyone',
    roles: ['admin'],
    scopes: [],
    verified: false,
    via: 'gateway',
  })
})

test('verifies the header when it was given keys', async () => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
    const answer = await me(careful, await token(alg))
    assert.equal(answer.status, 200, alg)
    assert.deepEqual(await answer.json(), {
      subject: 'key:demo',
      roles: ['customer'],
      scopes: ['orders:read', 'orders:write'],
      verified: true,
      via: 'gateway',
    })
  }
})

test('takes nothing that is forged, expired, early, altered or confused about its algorithm', async () => {
  const good = await token('ES256')
  const [header, , signature] = good.split('.')
  const payload = Buffer.from(JSON.stringify({ sub: 'admin', exp: Date.now() })).toString('base64url')
  const sign = (jwt: SignJWT, key: Parameters<SignJWT['sign']>[0] = keys.ES256.privateKey) =>
    jwt.setSubject('admin').sign(key)
  const publicPem = keys.RS256.publicKey.export({ type: 'spki', format: 'pem' })
  const later = Math.floor(Date.now() / 1000) + 3600

  const attacks = {
    'no signature': new UnsecuredJWT({}).setSubject('admin').setExpirationTime('1m').encode(),
    'another key under a known name': await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
      .setSubject('admin')
      .setExpirationTime('1m')
      .sign(stranger.privateKey as unknown as CryptoKey),
    'the public key as an HMAC secret': await sign(
      new SignJWT({}).setProtectedHeader({ alg: 'HS256', kid: 'RS256' }).setExpirationTime('1m'),
      new TextEncoder().encode(String(publicPem)),
    ),
    'a claim that was changed': `${header}.${payload}.${signature}`,
    expired: await token('ES256', Math.floor(Date.now() / 1000) - 10),
    'not valid yet': await sign(
      new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'ES256' }).setExpirationTime('2h').setNotBefore(later),
    ),
    'without an end': await sign(new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'ES256' })),
    'without a key name': await sign(new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).setExpirationTime('1m')),
    'the name of another key': await token('ES256', '1m', 'RS256'),
    'an algorithm that is not its key’s': signAs('PS256', 'RS256', keys.RS256.privateKey),
    'more parts than three': `${good}.x`,
    empty: '',
    garbage: 'a.b.c',
  }
  for (const [name, attack] of Object.entries(attacks)) {
    assert.equal((await me(careful, attack)).status, 401, name)
  }
  assert.equal((await me(careful, good)).status, 200)
})

test('made-up key names do not cause a fetch each', async () => {
  const before = fetches
  for (let index = 0; index < 20; index++) await me(careful, await token('ES256', '1m', `made-up-${index}`))
  assert.ok(fetches - before <= 1, `${fetches - before} fetches`)
})

/** A token whose RS256 signature is right, and whose header names another algorithm. */
function signAs(alg: string, kid: string, key: KeyObject): string {
  const toSegment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const content = `${toSegment({ alg, kid })}.${toSegment({ sub: 'admin', exp: Math.floor(Date.now() / 1000) + 60 })}`
  return `${content}.${signBytes('sha256', Buffer.from(content), key).toString('base64url')}`
}
