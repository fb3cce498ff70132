// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources that are scanned here hold templates.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blankNonCode } from './blank.ts'
import { scanImports } from './scan.ts'

const value = (specifier: string, line = 1) => ({ specifier, line, typeOnly: false })
const type = (specifier: string, line = 1) => ({ specifier, line, typeOnly: true })

for (const [source, expected] of [
  ["import './a.ts'", [value('./a.ts')]],
  ["import a from './a.ts'", [value('./a.ts')]],
  ["import a, { b as c } from './a.ts'", [value('./a.ts')]],
  ["import * as a from './a.ts'", [value('./a.ts')]],
  ["import data from './a.json' with { type: 'json' }", [value('./a.json')]],
  ['import {\n  a,\n  b,\n} from "./a.ts"', [value('./a.ts')]],
  ["export * from './a.ts'", [value('./a.ts')]],
  ["export * as a from './a.ts'", [value('./a.ts')]],
  ["export { a } from './a.ts'", [value('./a.ts')]],
  ["import type { A } from './a.ts'", [type('./a.ts')]],
  ["export type { A } from './a.ts'", [type('./a.ts')]],
  ["export type * from './a.ts'", [type('./a.ts')]],
  ["import { type A } from './a.ts'", [value('./a.ts')]], // stays as `import {}`, which loads the file
  ["const a = await import('./a.ts')", [value('./a.ts')]],
  ['const a = await import(`./a.ts`)', [value('./a.ts')]],
  ["let a: import('./a.ts').A", [type('./a.ts')]],
  ["let a: typeof import('./a.ts')", [type('./a.ts')]],
  ["new Worker(new URL('./a.ts', import.meta.url))", [value('./a.ts')]],
  ["new URL('./page.html', import.meta.url)", []],
  ["new URL('./a.ts', base)", []],
  ["export class A {}\nimport { b } from './b.ts'", [value('./b.ts', 2)]],
  ["export type A = 'é'\nimport { b } from './b.ts'", [value('./b.ts', 2)]],
  ["type 名 = '値' | '🚪'\nimport { b } from './b.ts'", [value('./b.ts', 2)]],
  ["export { a }\nconst from = './a.ts'", []],
  ["const subtle = { import: (name) => name }\nsubtle.import('./a.ts')", []],
  ["// import './a.ts'\n/* import './b.ts' */", []],
  ['const text = "import \'./a.ts\'"', []],
  ["const text = `\nimport './a.ts'\n${await import('./b.ts')}\nimport './c.ts'`", [value('./b.ts', 3)]],
  ["const text = `${{ a: `}${1}` }.a}`\nimport './a.ts'", [value('./a.ts', 2)]],
  ["const quote = /['\"`]/\nimport './a.ts'", [value('./a.ts', 2)]],
  ["const half = (1 + 2) / 2 // it's\nimport './a.ts'", [value('./a.ts', 2)]],
  ["const ratio = a! / b, other = c++ / d['e'] / 2\nimport './a.ts'", [value('./a.ts', 2)]],
  ["const matches = (a) => a.some((b) => /[/'\"]/.test(b))\nimport './a.ts'", [value('./a.ts', 2)]],
] as const) {
  test(`imports in: ${source.replaceAll('\n', '↵')}`, () => assert.deepEqual(scanImports(source), expected))
}

test('code that Node could not run is refused', () => {
  assert.throws(() => scanImports('enum A { B }'), SyntaxError)
})

test('blanking keeps every position and every line', () => {
  const source = "a /* \n\n */ = 'b'; // c\n/d'/.test(`e${f}g`)\n"
  assert.equal(blankNonCode(source), "a    \n\n    = ' ';     \n    .test(` ${f} `)\n")
})
