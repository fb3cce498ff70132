import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { createTestCertificate } from '../../../test/support/certificate.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkPages } from './check-pages.ts'
import { checkReferences } from './check-references.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-check-'))
after(() => rmSync(folder, { recursive: true }))

const own = createTestCertificate('api.example.com')
const other = createTestCertificate('other.example.com')
const files = { 'own.pem': own.cert, 'own.key': own.key, 'other.key': other.key, 'nonsense.pem': 'x', 'empty.json': '' }
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)

function compile(text: string) {
  const result = compileSnapshot(`version: 1\n${text}`, { file: join(folder, 'portcullis.yaml') })
  assert.ok(result.ok, result.ok ? '' : formatErrors(result.errors))
  return result.snapshot
}

const dayMs = 86_400_000

describe('certificates', () => {
  const listen = (cert: string, key: string) =>
    `listen: { https: { certificate: { cert: file:${cert}, key: file:${key} } } }\n`
  const check = async (text: string, now = Date.now()) =>
    (await checkCertificates(compile(text), now)).map(({ severity, text: what }) => `${severity} ${what}`)

  test('that hold and belong to their key are fine', async () => {
    // The test's certificate holds for an hour only.
    const [found, ...rest] = await check(listen('own.pem', 'own.key'))
    assert.match(found ?? '', /^warning file:own\.pem: the certificate ends on \d{4}-/)
    assert.deepEqual(rest, [])
    assert.deepEqual(await check('listen: { https: { certificate: dev } }\n'), [])
  })

  test('are refused with another key, and where they are none', async () => {
    assert.ok((await check(listen('own.pem', 'other.key'))).some((text) => /error .*does not belong to/.test(text)))
    assert.deepEqual(await check(listen('nonsense.pem', 'own.key')), [
      'error file:nonsense.pem: this is no certificate (PEM)',
    ])
    assert.ok((await check(listen('own.pem', 'nonsense.pem'))).some((text) => /error .*no private key/.test(text)))
  })

  test('are refused before and after their time', async () => {
    const text = listen('own.pem', 'own.key')
    assert.match((await check(text, Date.now() + dayMs))[0] ?? '', /^error .*the certificate ended on/)
    assert.match((await check(text, Date.now() - dayMs))[0] ?? '', /^error .*holds from .* only/)
  })

  test('of the admin listener are looked at too', async () => {
    const admin = 'admin: { certificate: { cert: file:own.pem, key: file:other.key } }'
    const found = await check(`listen: { https: { certificate: dev }, ${admin} }\n`)
    assert.ok(found.some((text) => /error .*does not belong to/.test(text)))
  })

  test('that are not on this machine are a warning, those of upstreams too', async () => {
    assert.match((await check(listen('missing.pem', 'own.key')))[0] ?? '', /^warning file:missing\.pem: ENOENT/)
    const upstreams = 'upstreams: { a: { targets: [https://127.0.0.1], tls: { ca: file:nonsense.pem } } }\n'
    assert.deepEqual(await check(`listen: { https: { certificate: dev } }\n${upstreams}`), [
      'error file:nonsense.pem: this is no certificate (PEM)',
    ])
  })
})

describe('references', () => {
  const check = async (keys: string) => {
    const issuers = `issuers: { main: { issuer: https://login.example.com/, audience: shop, keys: [${keys}] } }\n`
    const findings = await checkReferences(compile(`listen: { https: { certificate: dev } }\n${issuers}`))
    return findings.map(({ severity, text }) => `${severity} ${text}`)
  }

  test('that can be read are fine', async () => {
    assert.deepEqual(await check('file:own.key'), [])
  })

  test('that cannot are told, without their values', async () => {
    assert.deepEqual(await check('file:missing.json, file:empty.json, env:PORTCULLIS_TEST_UNSET'), [
      'warning env:PORTCULLIS_TEST_UNSET: the environment variable is not set here',
      'error file:empty.json: the file is empty',
      'warning file:missing.json: ENOENT, the file cannot be read here',
    ])
  })
})

describe('files of the identity server’s pages', () => {
  const check = async (pages: string) => {
    const identity = `identity: { issuer: https://login.example.com, pages: ${pages}, tenants: { north: {} } }\n`
    const text = `listen: { https: { certificate: dev } }\nsecrets: { master: { key: env:MASTER } }\n${identity}`
    return (await checkPages(compile(text))).map(({ severity, text: what }) => `${severity} ${what}`)
  }

  test('are told once where they cannot be used, and left alone where they are not here', async () => {
    writeFileSync(join(folder, 'fr.yaml'), 'login.title: Connexion\n')
    assert.deepEqual(await check('{ messages: { fr: file:fr.yaml } }'), [])
    writeFileSync(join(folder, 'fr.yaml'), 'login.titel: Connexion\n')
    const wrong = ['error file:fr.yaml: there is no text "login.titel"']
    assert.deepEqual(await check('{ messages: { fr: file:fr.yaml } }'), wrong)
    writeFileSync(join(folder, 'page.html'), '{{content}}')
    assert.match((await check('{ template: file:page.html }'))[0] ?? '', /^error file:page\.html: /)
    assert.deepEqual(await check('{ template: file:away.html }'), [])
  })
})
