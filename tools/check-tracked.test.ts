import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const scratch = mkdtempSync(join(tmpdir(), 'tracked-'))
after(() => rmSync(scratch, { recursive: true }))

test('clean files pass', () => {
  const { status } = check({
    'package-lock.json': '{ "resolved": "bench" }',
    '.npmrc': 'omit-lockfile-registry-resolved=true',
  })
  assert.equal(status, 0)
})

for (const [what, file, text] of [
  ['a lock file that names a registry', 'package-lock.json', '{\n"resolved": "https://registry.example.com/a.tgz" }'],
  ['an .npmrc that names a registry', '.npmrc', '\nregistry=https://registry.example.com/'],
  ['an .npmrc that holds a credential', '.npmrc', '\n//registry.example.com/:_authToken=secret'],
  ['a file that names this tree', 'a.md', '\nsee ROOT/a.md'],
] as const) {
  test(`${what} is refused with its line`, () => {
    const { status, stderr } = check({ [file]: text })
    assert.equal(status, 1)
    assert.ok(stderr.includes(`${file}:2: names `), stderr)
  })
}

function check(files: Record<string, string>): { status: number | null; stderr: string } {
  const root = mkdtempSync(join(scratch, 'tree-'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text.replace('ROOT', root))
  execFileSync('git', ['init', '--quiet'], { cwd: root })
  execFileSync('git', ['add', '--all'], { cwd: root })
  return spawnSync(process.execPath, [join(import.meta.dirname, 'check-tracked.ts'), root], { encoding: 'utf8' })
}
