import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { compileWithFiles } from '../compile-with-files.ts'
import { formatErrors } from '../config-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-documents-'))
after(() => rmSync(folder, { recursive: true }))

const document = `
openapi: 3.1.0
servers: [{ url: https://api.example.com/v1 }]
security: [{ oauth: [orders:read] }, { key: [] }]
paths:
  /orders/{order-id}:
    get: { parameters: [{ name: order-id, in: path, required: true }] }
    delete: { security: [{ oauth: [orders:write] }] }
  /status: { get: { security: [] }, trace: {} }
  /reports/{year}.{format}: { get: {} }
  /both: { get: { security: [{ oauth: [], key: [] }] } }
components:
  securitySchemes:
    oauth: { type: oauth2 }
    key: { type: apiKey, in: header, name: X-API-Key }
`

const head = `version: 1
listen: { https: { certificate: dev } }
issuers: { main: { issuer: https://login.example.com/, audience: shop } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
`

async function compile(routes: string, text = document) {
  writeFileSync(join(folder, 'openapi.yaml'), text)
  return compileWithFiles(head + routes, { file: join(folder, 'portcullis.yaml') })
}

async function errorsOf(routes: string, text?: string): Promise<string> {
  const compiled = await compile(routes, text)
  return compiled.ok ? '' : formatErrors(compiled.errors).replaceAll(`${folder}/`, '')
}

const mapped = 'securitySchemes: { oauth: jwt, key: apiKey }'
const byHand = '  - { path: /v1/both, methods: [GET], upstream: shop, authenticate: [apiKey] }\n'

describe('routes are taken from a document', () => {
  test('with their methods, credentials and scopes', async () => {
    const compiled = await compile(`routes:
  - { openapi: openapi.yaml, upstream: shop, ${mapped}, access: public, reason: the document opens it }
${byHand}`)
    assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
    const { routes, gathered } = compiled.snapshot
    assert.deepEqual(
      routes
        .slice(0, -1)
        .map(({ id, authenticated, policies }) => [
          id,
          authenticated,
          policies.filter(({ name }) => ['jwt', 'api-key', 'rbac'].includes(name)).map(({ name }) => name),
        ]),
      [
        ['GET /v1/orders/{order_id}', true, ['api-key', 'jwt', 'rbac']],
        ['DELETE /v1/orders/{order_id}', true, ['jwt', 'rbac']],
        ['GET /v1/status', false, []],
        ['GET /v1/reports/{year_format}', true, ['api-key', 'jwt', 'rbac']],
        ['GET /v1/both', true, ['api-key']],
      ],
    )
    const rbac = routes[1]?.policies.find(({ name }) => name === 'rbac')?.options as { scopes: unknown }
    assert.deepEqual(rbac.scopes, { any: [], all: ['orders:write'] })
    assert.deepEqual(gathered, [join(folder, 'openapi.yaml')])
  })

  test('but none opens by itself, and what is not understood is said', async () => {
    assert.equal(
      await errorsOf(`routes:\n  - { openapi: openapi.yaml, upstream: shop, ${mapped} }\n`),
      `portcullis.yaml:6:16: GET /status is left open by the document
    With \`access: public\` and a \`reason\`, anyone may call what the document leaves open.
portcullis.yaml:6:16: GET /both asks for several credentials at once, of which one is accepted here
    Write a route for it.`,
    )
    const some = 'routes:\n  - { openapi: openapi.yaml, methods: [DELETE], upstream: shop, '
    assert.match(await errorsOf(`${some}securitySchemes: { key: apiKey } }\n`), /asks for "oauth", of which nothing/)
    assert.match(await errorsOf(`${some}securitySchemes: { no: apiKey } }\n`), /has no security scheme "no"/)
    assert.match(await errorsOf(`${some}path: /a, ${mapped} }\n`), /`path` stands beside `openapi`|stands beside/)
    assert.match(await errorsOf('routes:\n  - { path: /a, basePath: /b, upstream: shop }\n'), /belongs to a route with/)
  })

  test('of which none is read that is broken: both files are told', async () => {
    const told = await errorsOf('routes:\n  - { openapi: openapi.yaml, upstream: shop }\nnone: 1\n', 'swagger: "2.0"')
    assert.match(told, /openapi\.yaml:1:10: #\/swagger: this is Swagger 2\.0/)
    assert.match(told, /portcullis\.yaml:7:1: unknown key "none"/)
    assert.match(
      await errorsOf('routes:\n  - { openapi: no.yaml, upstream: shop }\n'),
      /^portcullis\.yaml:6:16: no\.yaml: there is no such file/,
    )
  })
})

test('the text of a document is part of the revision', async () => {
  const routes = `routes:\n  - { openapi: openapi.yaml, methods: [DELETE], upstream: shop, ${mapped} }\n`
  const [before, after] = [await compile(routes), await compile(routes, document.replace('orders:write', 'orders:all'))]
  const described = await compile(routes, `${document}info: { title: another }\n`)
  assert.ok(before.ok && after.ok && described.ok)
  assert.equal(new Set([before, after, described].map(({ snapshot }) => snapshot.revision)).size, 3)
})
