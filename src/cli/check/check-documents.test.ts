import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { compileWithFiles } from '../../config/compile-with-files.ts'
import { formatErrors } from '../../config/config-error.ts'
import { checkDocuments } from './check-documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-drift-'))
after(() => rmSync(folder, { recursive: true }))

const document = `openapi: 3.1.0
info: { title: Orders, version: '1' }
servers: [{ url: https://api.example.com/v1 }]
security: [{ oauth: [orders:read] }]
paths:
  /orders:
    get: { responses: { '200': { description: them } } }
    post:
      security: [{ oauth: [orders:write] }]
      responses: { '200': { description: it } }
  /status: { get: { security: [], responses: { '200': { description: up } } } }
  /secret: { get: { responses: { '200': { description: it } } } }
  /broken/{id}: { get: { responses: { '200': { description: it } } } }
components:
  securitySchemes:
    oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: 'https://a.example', scopes: {} } } }
`
const file = `version: 1
listen: { https: { certificate: dev } }
issuers: { main: { issuer: https://login.example.com/, audience: shop } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
defaults: { validate: { openapi: openapi.yaml } }
routes:
  - { path: /v1/orders, methods: [GET, DELETE], upstream: shop, authenticate: [jwt], authorize: { scopes: [orders:all] } }
  - { path: /v1/status, upstream: shop, authenticate: [jwt] }
  - { path: /v1/other, methods: [GET], upstream: shop, authenticate: [jwt] }
  - { path: /v1/secret, methods: [GET], upstream: shop, access: public, reason: a test }
  - { path: '/v1/broken/{id}', methods: [GET], upstream: shop, authenticate: [jwt], authorize: { scopes: [orders:read] } }
`

test('drift between a document and the policy file is told with its place', async () => {
  writeFileSync(join(folder, 'openapi.yaml'), document)
  const compiled = await compileWithFiles(file, { file: join(folder, 'portcullis.yaml') })
  assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
  const found = await checkDocuments(compiled.snapshot)
  assert.deepEqual(
    found.map(({ severity, text }) => `${severity}: ${text}`),
    [
      'error: openapi.yaml:13:24: openapi.yaml#/paths/~1broken~1{id}/get: the path parameter "id" is not described',
      'warning: openapi.yaml: DELETE /v1/orders (line 7 of the policy file): the document has the path, but not the method, so its requests are refused',
      'warning: openapi.yaml: GET /v1/other (line 9 of the policy file): the document has no such path, so its requests are refused',
      'warning: openapi.yaml:7:10: GET /orders needs the scope orders:read by the document, not on the route',
      'warning: openapi.yaml:7:10: GET /orders needs the scope orders:all on the route, not by the document',
      'warning: openapi.yaml:9:7: POST /orders has no route',
      'warning: openapi.yaml:12:19: GET /secret asks for oauth by the document, and the route is public',
      'warning: openapi.yaml:11:19: open by the document, while routes ask who calls: GET /status',
    ],
  )
})

test('what the standard does not know is told as well', async () => {
  const odd = document.replace('info: {', 'inof: {').replace(/ {2}\/broken.*\n/, '')
  writeFileSync(join(folder, 'openapi.yaml'), odd)
  const compiled = await compileWithFiles(file, { file: join(folder, 'portcullis.yaml') })
  assert.ok(compiled.ok)
  const texts = (await checkDocuments(compiled.snapshot)).map(({ text }) => text)
  assert.ok(texts.includes("openapi.yaml:1:1: the document must have required property 'info'"), texts.join('\n'))
})
