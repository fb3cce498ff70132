import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const separator = '\n---\n'

/**
 * Runs every golden file of a folder: inputs, a line `---`, and what must come out. `UPDATE_GOLDEN=1` writes what came
 * out instead, to be read in the diff before it is committed.
 * @param inputs how many inputs come before the expected output
 */
export function testGoldenFiles(
  folder: string,
  inputs: number,
  run: (inputs: readonly string[]) => string | Promise<string>,
): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.golden'))
  assert.notEqual(files.length, 0, `${folder} holds no golden files`)
  for (const name of files) {
    test(name.replace('.golden', '').replaceAll('-', ' '), async () => {
      const path = join(folder, name)
      const parts = readFileSync(path, 'utf8').split(separator)
      const given = parts.slice(0, inputs).map((part) => `${part.replace(/\n$/, '')}\n`)
      assert.equal(given.length, inputs, `${name} needs ${inputs} inputs, each ended by a line ---`)
      const actual = `${(await run(given)).trimEnd()}\n`
      if (process.env.UPDATE_GOLDEN === '1') {
        writeFileSync(path, [...given.map((part) => part.trimEnd()), actual].join(separator))
        return
      }
      assert.equal(parts.length, inputs + 1, `${name} has no expected output: run with UPDATE_GOLDEN=1 and read it`)
      assert.equal(actual, parts[inputs])
    })
  }
}

/** JSON with short values on one line, so that a person reads a golden file at a glance. */
export function toReadableJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value) ?? 'null'
  if (line.length + indent.length <= 140 || typeof value !== 'object' || value === null) return line
  const deeper = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const entries = Array.isArray(value)
    ? value.map((entry) => toReadableJson(entry, deeper))
    : Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${toReadableJson(entry, deeper)}`)
  return `${open}\n${entries.map((entry) => deeper + entry).join(',\n')}\n${indent}${close}`
}
