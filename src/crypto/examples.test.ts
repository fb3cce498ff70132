import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

/** The examples in doc comments, with what they say that they print. */
const examples = globSync('**/*.ts', { cwd: import.meta.dirname }).flatMap((file) => {
  const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
  return Array.from(text.matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm), ([, block = '']) => {
    return { file, source: block.replace(/^ \* ?/gm, '') }
  })
})

test('there are examples', () => assert.ok(examples.length >= 4))

for (const [at, { file, source }] of examples.entries()) {
  test(`example ${at + 1}, of ${file}, prints what it says`, () => {
    const args = ['--conditions=source', '--input-type=module-typescript', '--eval', source]
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })
    assert.equal(status, 0, stderr)
    const expected = Array.from(source.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm), ([, text]) => text)
    assert.deepEqual(stdout.trimEnd().split('\n'), expected)
  })
}
