import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { compileSchema } from '../../contract/schema/compile-schema.ts'
import type { FileReader } from '../../core/policy.ts'
import { gatherSchemas } from './gather-schemas.ts'
import type { GatheredSchemas } from './schemas-block.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-schemas-'))
})
after(() => rm(folder, { recursive: true }))

const files: FileReader = {
  resolve: (path) => resolve(folder, path),
  async read(path) {
    try {
      return { text: await readFile(resolve(folder, path), 'utf8') }
    } catch (error) {
      return { problem: (error as Error).message }
    }
  },
}

async function write(path: string, schema: unknown): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), typeof schema === 'string' ? schema : JSON.stringify(schema))
}

async function gather(named: Record<string, string>) {
  const { blocks, problems, files: paths } = await gatherSchemas(<T>() => named as T, files)
  return { gathered: blocks.schemas as GatheredSchemas, problems, paths }
}

test('files refer to places in themselves and in each other', async () => {
  await write('a/order.json', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { name: { type: 'string' } },
    properties: {
      name: { $ref: '#/$defs/name' },
      price: { $ref: 'parts/money.json#/$defs/amount' },
      parent: { $ref: '#' },
    },
  })
  await write('a/parts/money.json', { $defs: { amount: { type: 'integer' } }, back: true, description: 'x' })
  await write('a/parts/money.json', { $defs: { amount: { type: 'integer' } } })
  const { gathered, problems, paths } = await gather({ Order: 'a/order.json', Same: './a/order.json' })
  assert.deepEqual(problems, [])
  assert.deepEqual(paths, [join(folder, 'a/order.json'), join(folder, 'a/parts/money.json')])
  const { $defs } = gathered
  for (const name of ['Order', 'Same']) {
    const judge = compileSchema(
      { $ref: `#/$defs/${name}`, $defs },
      { direction: 'request', unknownProperties: 'refuse' },
    )
    assert.deepEqual(judge.judge({ name: 'a', price: 1, parent: { price: 2 } }, 'body', ''), [])
    const found = judge.judge({ name: 1, price: 'x', parent: { parent: { role: 1 } } }, 'body', '')
    const roles = judge.judge({ parent: { parent: { role: 1 } } }, 'body', '')
    assert.deepEqual(
      roles.map(({ at }) => at),
      ['/parent/parent/role'],
    )
    assert.deepEqual(found.map(({ at }) => at).sort(), ['/name', '/parent/parent/role', '/price'])
  }
})

test('nothing outside of the file’s own folder is read', async () => {
  await write('secret.json', { type: 'integer' })
  await write('b/up.json', { $ref: '../secret.json' })
  await write('b/absolute.json', { $ref: join(folder, 'secret.json') })
  await write('b/remote.json', { $ref: 'https://example.com/schema.json' })
  await write('b/linked.json', { $ref: 'link.json' })
  await symlink(join(folder, 'secret.json'), join(folder, 'b/link.json'))
  for (const [file, message] of [
    ['b/up.json', /not in its folder/],
    ['b/absolute.json', /not in its folder/],
    ['b/remote.json', /not in its folder/],
    ['b/linked.json', /leads out of its folder/],
    ['b/link.json', /leads out of its folder/],
  ] as const) {
    const { problems } = await gather({ One: file })
    assert.match(problems[0]?.message ?? '', message, file)
  }
})

test('what is wrong in a file is said of the file', async () => {
  await write('c/text.json', '{')
  await write('c/unknown.json', { properties: { a: { maxlenght: 1 } } })
  await write('c/nowhere.json', { $ref: '#/$defs/none' })
  for (const [file, message] of [
    ['c/text.json', /is not JSON/],
    ['c/none.json', /no such file/],
    ['c/unknown.json', /maxlenght/],
    ['c/nowhere.json', /where there is no schema/],
  ] as const) {
    const { problems } = await gather({ One: file })
    assert.equal(problems[0]?.file, file)
    assert.match(problems[0]?.message ?? '', message)
  }
})
