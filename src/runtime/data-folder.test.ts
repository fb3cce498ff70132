import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openDataFolder, readOrCreate } from './data-folder.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-folder-'))
})
after(() => rm(folder, { recursive: true }))

test('a folder and its secrets are for their owner only', { skip: process.platform === 'win32' }, async () => {
  const path = await openDataFolder(join(folder, 'deep', 'data'))
  await readOrCreate(path, 'a.key', () => 'secret')
  assert.equal((await stat(path)).mode & 0o777, 0o700)
  assert.equal((await stat(join(path, 'a.key'))).mode & 0o777, 0o600)
})

test('a secret is made once, however many ask for it at the same time', async () => {
  let made = 0
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => readOrCreate(folder, 'many.key', () => `secret ${made++}`)),
  )
  assert.equal(new Set(answers.map(String)).size, 1)
  assert.equal(String(answers[0]), String(await readFile(join(folder, 'many.key'))))
  assert.deepEqual(await readdir(folder).then((names) => names.filter((name) => name.startsWith('many'))), ['many.key'])
})

test('an empty secret is refused: it would be known to everybody', async () => {
  await writeFile(join(folder, 'empty.key'), '')
  await assert.rejects(
    readOrCreate(folder, 'empty.key', () => 'secret'),
    /empty\.key is empty; remove it/,
  )
})

test('a secret that cannot be written leaves no draft', async () => {
  await assert.rejects(
    readOrCreate(folder, 'bad.key', () => {
      throw new Error('no randomness')
    }),
    /no randomness/,
  )
  await assert.rejects(
    readOrCreate(join(folder, 'none'), 'a.key', () => 'secret'),
    /ENOENT/,
  )
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith('bad')))
})
