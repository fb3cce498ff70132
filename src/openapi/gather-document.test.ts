import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gatherDocument } from './gather-document.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-openapi-'))
after(() => rmSync(folder, { recursive: true }))
let count = 0

async function gather(files: Readonly<Record<string, string>>, root = 'openapi.yaml') {
  const own = join(folder, String(++count), 'api')
  mkdirSync(join(own, 'parts'), { recursive: true })
  writeFileSync(join(own, '../secret.yaml'), 'a: { type: object }')
  symlinkSync('../secret.yaml', join(own, 'link.yaml'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(own, name), text)
  const read = (path: string) => readFile(path, 'utf8').catch(() => ({ message: 'there is no such file' }))
  return gatherDocument(join(own, root), read)
}

async function problemsOf(...[files, root]: Parameters<typeof gather>): Promise<string[]> {
  const gathered = await gather(files, root)
  assert.equal(gathered.ok, false)
  return gathered.ok ? [] : gathered.problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`)
}

const withSchema = (ref: string) => `openapi: 3.1.0
paths: {}
components:
  schemas:
    A:
      $ref: ${JSON.stringify(ref)}
`

describe('a document is read with the files that it refers to', () => {
  test('in its folder and below, in circles too', async () => {
    const gathered = await gather({
      'openapi.yaml': withSchema('parts/b.yaml#/B'),
      'parts/b.yaml': "B: { properties: { c: { $ref: '../c.json' }, example: { $ref: 'b.yaml#/B' } } }",
      'c.json': '{"$ref": "openapi.yaml#/components/schemas/A", "example": {"$ref": "https://example.com/"}}',
    })
    assert.ok(gathered.ok)
    assert.deepEqual(Object.keys(gathered.document.files), ['openapi.yaml', 'parts/b.yaml', 'c.json'])
  })

  for (const [why, ref, message] of [
    ['above it', '../secret.yaml#/a', "a reference does not leave the document's folder"],
    ['above it, escaped', '%2e%2e/secret.yaml#/a', "a reference does not leave the document's folder"],
    ['anywhere', '/etc/hostname', 'a reference leads to files beside the document only'],
    ['at a URL', 'https://example.com/a.yaml', 'a reference to a URL is not followed'],
    ['at another host', '//example.com/a.yaml', 'a reference to a URL is not followed'],
    ['behind a link', 'link.yaml#/a', "link.yaml is a link that leads out of the document's folder"],
    ['nowhere', 'none.yaml', 'none.yaml: there is no such file'],
    ['at nothing', '#/components/schemas/None', 'nothing stands at "#/components/schemas/None"'],
    ['at a name of every object', '#/components/schemas/constructor', 'nothing stands at'],
  ] as const) {
    test(`but none ${why}`, async () => {
      const [problem, ...rest] = await problemsOf({ 'openapi.yaml': withSchema(ref) })
      assert.ok(problem?.startsWith(`openapi.yaml:6:13: #/components/schemas/A/$ref: ${message}`), problem ?? '')
      assert.deepEqual(rest, [])
    })
  }
})

describe('what cannot be read is told with its place', () => {
  test('YAML and JSON', async () => {
    assert.match((await problemsOf({ 'openapi.yaml': 'openapi: 3.1.0\npaths: [' }))[0] ?? '', /^openapi\.yaml:2:9: /)
    const json = '{\n  "openapi": "3.1.0",\n  "paths": {]\n}'
    assert.match((await problemsOf({ 'a.json': json }, 'a.json'))[0] ?? '', /^a\.json:3:13: .*Expected property name/)
  })

  test('places in JSON', async () => {
    const json =
      '{"openapi": "3.1.0", "info": {"x": ["}", "\\\\\\""]},\n "components": {"schemas": {"A": {"$ref": "#/x"}}}}'
    assert.deepEqual(await problemsOf({ 'a.json': json }, 'a.json'), [
      'a.json:2:43: #/components/schemas/A/$ref: nothing stands at "#/x"',
    ])
  })

  for (const [why, text, expected] of [
    [
      'Swagger',
      'swagger: "2.0"',
      'openapi.yaml:1:10: #/swagger: this is Swagger 2.0; OpenAPI 3.0, 3.1 and 3.2 are read',
    ],
    [
      'another version',
      'openapi: 4.0.0',
      'openapi.yaml:1:10: #/openapi: this is OpenAPI 4.0.0; versions 3.0, 3.1 and 3.2 are read',
    ],
    ['something else', 'version: 1', 'openapi.yaml:1:1: this is no OpenAPI document'],
    ['paths that are none', 'openapi: 3.1\npaths: []', 'openapi.yaml:2:8: #/paths: `paths` must be an object'],
  ] as const) {
    test(why, async () => assert.deepEqual(await problemsOf({ 'openapi.yaml': text }), [expected]))
  }

  test('aliases that would fill the memory', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`)
    const text = `openapi: 3.1.0\na0: &a0 [x]\n${lines.join('\n')}\n`
    assert.match((await problemsOf({ 'openapi.yaml': text }))[0] ?? '', /alias/i)
  })
})
