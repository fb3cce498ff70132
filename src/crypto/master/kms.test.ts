import assert from 'node:assert/strict'
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { createOutboundClient } from '../../outbound/outbound-client.ts'
import { openXaes, sealXaes } from '../ring/xaes.ts'
import { createAwsKms } from './aws-kms.ts'
import type { KmsHttp } from './kms-http.ts'
import { createLocalMasterKey } from './local-master-key.ts'
import type { MasterKey } from './master-key.ts'
import { generateRingKey, openKeyRing } from './open-key-ring.ts'
import { signAwsRequest } from './sign-aws-request.ts'
import { createVaultTransit } from './vault-transit.ts'

/*
 * The services are played by servers that were written from their documentation and that check by themselves what they
 * are sent, the signature above all.
 */

const outbound = createOutboundClient()
const http: KmsHttp = {
  post: (url, { headers, body }) =>
    outbound.request(url, { method: 'POST', headers, body, allowPrivate: true, allowHttp: true, timeoutMs: 2000 }),
}
const servers: ReturnType<typeof createServer>[] = []
after(async () => {
  await outbound.close()
  for (const server of servers) server.close().closeAllConnections()
})

type Answer = (request: IncomingMessage, body: string) => readonly [status: number, body: unknown]

async function serve(answer: Answer): Promise<string> {
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const [status, body] = answer(request, Buffer.concat(chunks).toString())
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What any master key must do. */
function testMaster(open: () => Promise<MasterKey>): void {
  test('wraps and unwraps keys, each under its own id', async () => {
    const master = await open()
    const { secret, wrapped } = await master.generate('Key000000001')
    assert.equal(secret.length, 32)
    assert.ok(!wrapped.includes(Buffer.from(secret).toString('base64')))
    assert.deepEqual(Buffer.from(await master.unwrap(wrapped, 'Key000000001')), Buffer.from(secret))
    const other = randomBytes(32)
    assert.deepEqual(Buffer.from(await master.unwrap(await master.wrap(other, 'Key000000002'), 'Key000000002')), other)
    // A thief who writes into the store cannot give one key out for another.
    await assert.rejects(master.unwrap(wrapped, 'Key000000002'), { name: 'MasterKeyError' })
  })

  test('carries a ring', async () => {
    const master = await open()
    const keys = await Promise.all([generateRingKey('active', master), generateRingKey('index', master)])
    const ring = await openKeyRing(keys, [master])
    assert.equal(Buffer.from(ring.decrypt(ring.encrypt(Buffer.from('x'), []), [])).toString(), 'x')
    const exchanged = keys.map((key, at) => ({ ...key, wrapped: keys[1 - at]?.wrapped as string }))
    await assert.rejects(openKeyRing(exchanged, [master]), { name: 'MasterKeyError' })
    await assert.rejects(openKeyRing(keys, []), { message: /secrets\.previous/ })
  })
}

describe('a local master key', () => {
  const key = randomBytes(32)
  testMaster(async () => createLocalMasterKey(key))

  test('has an id that says nothing of it and is always the same', async () => {
    assert.equal(createLocalMasterKey(key).id, createLocalMasterKey(key).id)
    assert.notEqual(createLocalMasterKey(key).id, createLocalMasterKey(randomBytes(32)).id)
    assert.match(createLocalMasterKey(key).id, /^local:[0-9a-f]{16}$/)
  })
})

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

test('requests are signed as the documentation of Signature Version 4 has it', () => {
  const request = {
    method: 'GET',
    url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
    service: 'iam',
    region: 'us-east-1',
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    body: '',
  } as const
  const headers = new Map(signAwsRequest(request, credentials, new Date('2015-08-30T12:36:00Z')))
  assert.equal(headers.get('x-amz-date'), '20150830T123600Z')
  assert.equal(
    headers.get('authorization'),
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})

/** KMS, as far as it is used: checks the signature from what came over the wire. */
function playAwsKms(sessionToken?: string): Answer {
  const master = randomBytes(32)
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  return (request, body) => {
    if (!isSigned(request, body)) return [400, { __type: 'InvalidSignatureException' }]
    if (request.method !== 'POST' || request.url !== '/') return [400, { __type: 'ValidationException' }]
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1') return [400, { __type: 'UnknownOperation' }]
    if (request.headers['x-amz-security-token'] !== sessionToken)
      return [400, { __type: 'UnrecognizedClientException' }]
    const input = JSON.parse(body) as Record<string, string> & { EncryptionContext: Record<string, string> }
    if (input.KeyId !== key) return [400, { __type: 'NotFoundException' }]
    const aad = Buffer.from(JSON.stringify(Object.entries(input.EncryptionContext).sort()))
    const seal = (plain: Buffer) => sealXaes(master, plain, aad).toString('base64')
    switch (request.headers['x-amz-target']) {
      case 'TrentService.GenerateDataKey': {
        if (input.KeySpec !== 'AES_256') return [400, { __type: 'ValidationException' }]
        const plain = randomBytes(32)
        return [200, { KeyId: key, Plaintext: plain.toString('base64'), CiphertextBlob: seal(plain) }]
      }
      case 'TrentService.Encrypt':
        return [200, { KeyId: key, CiphertextBlob: seal(Buffer.from(input.Plaintext as string, 'base64')) }]
      case 'TrentService.Decrypt': {
        const plain = openXaes(master, Buffer.from(input.CiphertextBlob as string, 'base64'), aad)
        if (plain === null) return [400, { __type: 'InvalidCiphertextException' }]
        return [200, { KeyId: key, Plaintext: plain.toString('base64') }]
      }
      default:
        return [400, { __type: 'UnknownOperationException' }]
    }
  }
}

/** Written apart from `signAwsRequest`, from what arrived. */
function isSigned({ method, url, headers }: IncomingMessage, body: string): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\d{8})\/eu-central-1\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    )
  if (match === null) return false
  const [, day, names, signature] = match as unknown as [string, string, string, string]
  const list = names.split(';')
  const must = ['content-type', 'host', 'x-amz-date', 'x-amz-target']
  if (must.some((name) => !list.includes(name)) || list.join() !== [...list].sort().join()) return false
  const time = String(headers['x-amz-date'])
  const age = Math.abs(
    Date.now() - Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')),
  )
  if (!time.startsWith(day) || !(age < 300_000)) return false
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  let canonical = `${method}\n${url}\n\n`
  for (const name of list) canonical += `${name}:${headers[name]}\n`
  canonical += `\n${names}\n${sha(body)}`
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`)
  for (const part of [day, 'eu-central-1', 'kms', 'aws4_request']) key = createHmac('sha256', key).update(part).digest()
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/eu-central-1/kms/aws4_request\n${sha(canonical)}`
  return timingSafeEqual(createHmac('sha256', key).update(toSign).digest(), Buffer.from(signature, 'hex'))
}

describe('AWS KMS', async () => {
  const [endpoint, temporary] = [await serve(playAwsKms()), await serve(playAwsKms('session'))]
  const keyId = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  const open = (extra: object = {}) =>
    createAwsKms({
      keyId,
      region: 'eu-central-1',
      credentials,
      endpoint: `${endpoint}/`,
      http,
      now: Date.now,
      ...extra,
    })
  testMaster(async () => open())

  test('is called with temporary credentials too', async () => {
    const master = open({ endpoint: `${temporary}/`, credentials: { ...credentials, sessionToken: 'session' } })
    assert.equal((await master.generate('Key000000001')).secret.length, 32)
  })

  test('refuses other secrets and other times, and what it says is told', async () => {
    const forged = open({ credentials: { ...credentials, secretAccessKey: 'other' } })
    await assert.rejects(forged.generate('Key000000001'), {
      name: 'MasterKeyError',
      message: 'AWS KMS (GenerateDataKey) answered 400: InvalidSignatureException',
    })
    await assert.rejects(open({ now: () => Date.now() - 3_600_000 }).generate('Key000000001'), {
      name: 'MasterKeyError',
    })
  })
})

/** Vault's transit engine, as far as it is used. */
function playVault(): Answer {
  const versions = [randomBytes(32), randomBytes(32)]
  const seal = (plain: Buffer, version: number) =>
    `vault:v${version}:${sealXaes(versions[version - 1] as Buffer, plain, Buffer.alloc(0)).toString('base64')}`
  const open = (text: string) => {
    const [, version = '1', sealed = ''] = /^vault:v(\d):(.*)$/.exec(text) ?? []
    return openXaes(versions[Number(version) - 1] as Buffer, Buffer.from(sealed, 'base64'), Buffer.alloc(0))
  }
  return (request, body) => {
    if (request.headers['x-vault-token'] !== 'token') return [403, { errors: ['permission denied'] }]
    if (request.headers['x-vault-request'] !== 'true') return [400, { errors: ['missing header'] }]
    const input = JSON.parse(body) as Record<string, string>
    switch (`${request.method} ${request.url}`) {
      case 'POST /v1/transit/encrypt/ring':
        return [
          200,
          { data: { ciphertext: seal(Buffer.from(input.plaintext as string, 'base64'), 1), key_version: 1 } },
        ]
      case 'POST /v1/transit/decrypt/ring': {
        const plain = open(input.ciphertext as string)
        return plain === null
          ? [400, { errors: ['invalid ciphertext'] }]
          : [200, { data: { plaintext: plain.toString('base64') } }]
      }
      case 'POST /v1/transit/rewrap/ring':
        return [200, { data: { ciphertext: seal(open(input.ciphertext as string) as Buffer, 2) } }]
      default:
        return [404, { errors: [] }]
    }
  }
}

describe('Vault', async () => {
  const address = await serve(playVault())
  const open = (extra: object = {}) =>
    createVaultTransit({ address, mount: 'transit', key: 'ring', token: 'token', http, ...extra })
  testMaster(async () => open())

  test('brings a wrapped key to its newest version', async () => {
    const master = open()
    const { secret, wrapped } = await master.generate('Key000000001')
    const renewed = await master.rewrap?.(wrapped, 'Key000000001')
    assert.match(renewed ?? '', /^vault:v2:/)
    assert.deepEqual(Buffer.from(await master.unwrap(renewed as string, 'Key000000001')), secret)
  })

  test('says what it refuses', async () => {
    await assert.rejects(open({ token: 'other' }).generate('Key000000001'), {
      name: 'MasterKeyError',
      message: 'Vault (encrypt) answered 403: permission denied',
    })
    await assert.rejects(open({ key: 'missing' }).generate('Key000000001'), { message: 'Vault (encrypt) answered 404' })
    await assert.rejects(open({ address: 'http://127.0.0.1:1' }).generate('Key000000001'), {
      message: /could not be reached/,
    })
  })
})

test('an answer that is no answer is told', async () => {
  for (const [body, message] of [
    ['<html>', /answered 200/],
    [{ data: {} }, /without ciphertext/],
    [{}, /without ciphertext/],
    [[], /answered 200/],
  ] as const) {
    const address = await serve(() => [200, body])
    const master = createVaultTransit({ address, mount: 'transit', key: 'ring', token: 'token', http })
    await assert.rejects(master.generate('Key000000001'), { name: 'MasterKeyError', message })
  }
})
