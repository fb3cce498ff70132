import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { checkImports } from './check-imports.ts'

const scratch = mkdtempSync(join(tmpdir(), 'imports-'))
after(() => rmSync(scratch, { recursive: true }))

describe('allowed', () => {
  for (const [what, files] of Object.entries<Record<string, string>>({
    'core imports itself and zod': {
      'core/a.ts': "import { z } from 'zod'\nimport { b } from './b.ts'",
      'core/b.ts': '',
    },
    'policies import core, crypto, outbound and the ports of stores': {
      ...registered(
        'cors',
        ['core/a', 'crypto/a', 'outbound/a', 'stores/ports/a'].map((file) => `import '../../${file}.ts'`).join('\n'),
      ),
      ...{ 'core/a.ts': '', 'crypto/a.ts': '', 'outbound/a.ts': '', 'stores/ports/a.ts': '' },
    },
    'config imports the options of observe': {
      'config/a.ts': "import '../observe/log/options.ts'",
      'observe/log/options.ts': '',
    },
    'the scanner imports types of core': { 'scanner/a.ts': "import type { A } from '../core/a.ts'", 'core/a.ts': '' },
    'runtime composes all but adapters and cli': {
      'runtime/a.ts': "import '../gateway/a.ts'\nimport '../stores/sqlite.ts'",
      'gateway/a.ts': "import 'declared'\nimport 'node:http'",
      'stores/sqlite.ts': '',
    },
    'an adapter imports types of its framework': {
      'adapters/express.ts':
        "import type { Request } from 'express'\nimport { pipeline } from 'node:stream'\nimport '../runtime/a.ts'",
      'runtime/a.ts': '',
    },
    'cli imports anything and package.json': {
      'cli/a.ts':
        "import '../index.ts'\nimport '../adapters/node.ts'\nimport '../../package.json' with { type: 'json' }",
      'adapters/node.ts': '',
      'index.ts': '',
    },
    'tests import anything': {
      'core/a.test.ts':
        "import 'node:test'\nimport 'express'\nimport '../gateway/a.ts'\nimport '../../test/support/services.ts'",
      'gateway/a.ts': '',
    },
    'types refer to each other': {
      'core/a.ts': "import type { B } from './b.ts'",
      'core/b.ts': "import { a } from './a.ts'",
    },
  })) {
    test(what, () => assert.deepEqual(messages(files), []))
  }
})

describe('refused', () => {
  for (const [what, files, expected] of [
    [
      'core imports another folder',
      { 'core/a.ts': "\nimport type { B } from '../crypto/b.ts'", 'crypto/b.ts': '' },
      'core/a.ts:2: core may not import crypto/b.ts',
    ],
    [
      "core imports Node's modules",
      { 'core/a.ts': "import type { Server } from 'node:http'" },
      'core/a.ts:1: core may not import node:http',
    ],
    ['core imports a package', { 'core/a.ts': "import 'declared'" }, 'core/a.ts:1: core/a.ts may not import declared'],
    [
      'an adapter imports values of its framework',
      { 'adapters/express.ts': "import express from 'express'" },
      'adapters/express.ts:1: adapters/express.ts may import only types of express',
    ],
    [
      'a policy imports stores beyond the ports',
      { ...registered('cors', "import '../../stores/sqlite.ts'"), 'stores/sqlite.ts': '' },
      'policies/cors/cors.ts:1: policies may not import stores/sqlite.ts',
    ],
    [
      'a policy imports another one',
      {
        ...registered('cors', "import '../jwt/options.ts'"),
        ...policy('jwt'),
        'policies/index.ts': "import './cors/index.ts'\nimport './jwt/index.ts'",
      },
      'policies/cors/cors.ts:1: the policy cors imports policies/jwt/options.ts',
    ],
    [
      'a policy imports the registry',
      registered('cors', "import type { all } from '../index.ts'"),
      'policies/cors/cors.ts:1: the policy cors imports policies/index.ts',
    ],
    [
      'the registry looks into a policy',
      { ...registered('cors'), 'policies/index.ts': "import './cors/index.ts'\nimport './cors/cors.ts'" },
      'policies/index.ts:2: the registry imports policies/cors/cors.ts',
    ],
    [
      'config imports more of observe than options',
      { 'config/a.ts': "import '../observe/log.ts'", 'observe/log.ts': '' },
      'config/a.ts:1: config may not import observe/log.ts',
    ],
    [
      'gateway and admin import each other',
      { 'gateway/a.ts': "await import('../admin/a.ts')", 'admin/a.ts': '' },
      'gateway/a.ts:1: gateway may not import admin/a.ts',
    ],
    [
      'a worker is started from a folder out of reach',
      { 'gateway/a.ts': "new Worker(new URL('../runtime/worker.ts', import.meta.url))", 'runtime/worker.ts': '' },
      'gateway/a.ts:1: gateway may not import runtime/worker.ts',
    ],
    [
      'the scanner imports values of core',
      { 'scanner/a.ts': "import { a } from '../core/a.ts'", 'core/a.ts': '' },
      'scanner/a.ts:1: scanner may import only types of core/a.ts',
    ],
    [
      "an adapter imports its framework's values",
      { 'adapters/express.ts': "import express from 'express'" },
      'adapters/express.ts:1: adapters/express.ts may import only types of express',
    ],
    [
      "an adapter imports another one's framework",
      { 'adapters/node.ts': "import type { Request } from 'express'" },
      'adapters/node.ts:1: adapters/node.ts may not import express',
    ],
    ['a folder is not in the table', { 'utils/a.ts': '' }, 'utils/a.ts:1: src/utils is not in the table of folders'],
    [
      'a package is not declared',
      { 'gateway/a.ts': "import 'express'" },
      "gateway/a.ts:1: imports express, which is not in package.json's dependencies",
    ],
    [
      'the package imports itself',
      { 'gateway/a.ts': "import 'portcullis/node'" },
      'gateway/a.ts:1: imports its own package portcullis',
    ],
    [
      'a product file imports a test',
      { 'core/a.ts': "import './b.test.ts'", 'core/b.test.ts': '' },
      'core/a.ts:1: imports the test core/b.test.ts',
    ],
    ['a product file imports node:test', { 'gateway/a.ts': "import 'node:test'" }, 'gateway/a.ts:1: imports node:test'],
    [
      'an import leaves src/',
      { 'gateway/a.ts': "import '../../tools/a.ts'" },
      'gateway/a.ts:1: imports ../tools/a.ts, outside src/',
    ],
    [
      'an import leads nowhere',
      { 'gateway/a.ts': "import './b.js'" },
      'gateway/a.ts:1: imports src/gateway/b.js, which does not exist',
    ],
    [
      'files import each other in a circle',
      {
        'core/a.ts': "import './b.ts'",
        'core/b.ts': "\n\nexport * from './c.ts'",
        'core/c.ts': "await import('./b.ts')",
      },
      'core/b.ts:3: imports itself in a circle: core/b.ts → core/c.ts → core/b.ts',
    ],
    ['a file cannot be run', { 'core/a.ts': 'enum A { B }' }, /^core\/a\.ts:1: cannot be run: .*enum/],
    [
      'a policy is not in the registry',
      { ...registered('cors'), 'policies/index.ts': '' },
      'policies/cors:1: the policy cors is not in the registry',
    ],
    ['a policy has no probes', without('probes.ts'), 'policies/cors:1: the policy cors has no probes.ts'],
    ['a policy has no page', without('README.md'), 'policies/cors:1: the policy cors has no README.md'],
    ['a policy has no options', without('options.ts'), 'policies/cors:1: the policy cors has no options.ts'],
    ['a policy has no test', without('cors.test.ts'), 'policies/cors:1: the policy cors has no *.test.ts'],
    [
      "a policy's folder is in camel case",
      registered('bodyLimits'),
      'policies/bodyLimits:1: the policy folder bodyLimits is not in kebab-case',
    ],
  ] as const) {
    test(what, () => {
      const found = messages(files)
      assert.equal(found.length, 1, found.join('\n'))
      if (typeof expected === 'string') assert.equal(found[0], expected)
      else assert.match(found[0] ?? '', expected)
    })
  }
})

test('the command says where, what and what to do, and fails', () => {
  const root = tree({ 'core/a.ts': "import 'node:fs'" })
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'check-imports.ts'), root], {
    encoding: 'utf8',
  })
  assert.equal(status, 1)
  assert.match(stderr, /^src\/core\/a\.ts:1: core may not import node:fs\n {4}It would run on any JavaScript runtime/m)
})

function messages(files: Record<string, string>): string[] {
  return checkImports(tree(files)).map(({ path, line, problem }) => `${path}:${line}: ${problem}`)
}

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(scratch, 'tree-'))
  const manifest = { name: 'portcullis', dependencies: { declared: '1', zod: '4' }, devDependencies: { express: '5' } }
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest))
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'src', path)), { recursive: true })
    writeFileSync(join(root, 'src', path), source)
  }
  return root
}

function policy(name: string, source = ''): Record<string, string> {
  const parts = ['index.ts', 'options.ts', 'probes.ts', 'README.md', `${name}.test.ts`]
  return Object.fromEntries([
    ...parts.map((part) => [`policies/${name}/${part}`, '']),
    [`policies/${name}/${name}.ts`, source],
  ])
}

function registered(name: string, source?: string): Record<string, string> {
  return { ...policy(name, source), 'policies/index.ts': `import './${name}/index.ts'` }
}

function without(part: string): Record<string, string> {
  const { [`policies/cors/${part}`]: _, ...rest } = registered('cors')
  return rest
}
