import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { AnyPolicy, FileProblem, FileReader } from '../core/policy.ts'
import { toStableJson } from '../core/stable-json.ts'
import { policies as registry } from '../policies/index.ts'
import type { CompileResult } from './compile-snapshot.ts'
import { boundErrors, type ConfigError } from './config-error.ts'
import { deepFreeze } from './freeze.ts'
import { readTextFile } from './read-text-file.ts'

const maxBytes = 1024 * 1024

/**
 * Puts what stands in the files that blocks name into the snapshot, so that every thread has the same and a change of
 * them is another revision. What is wrong in them is an error of the policy file.
 */
export async function gatherFiles(
  compiled: CompileResult,
  policies: readonly AnyPolicy[] = registry,
): Promise<CompileResult> {
  if (!compiled.ok) return compiled
  const { snapshot } = compiled
  const files: FileReader = {
    resolve: (path) => resolve(snapshot.baseFolder, path),
    async read(path) {
      const read = await readTextFile(resolve(snapshot.baseFolder, path), maxBytes)
      return typeof read === 'string' ? { text: read } : { problem: read.message }
    },
  }
  const block = <T>(key: string) => snapshot.blocks[key] as T
  const found = await Promise.all(policies.flatMap((policy) => policy.gather?.(block, files) ?? []))
  const problems = found.flatMap((one) => one.problems)
  if (problems.length > 0) return { ok: false, errors: boundErrors(problems.map(toError)) }
  const gathered = [...(snapshot.gathered ?? []), ...found.flatMap((one) => one.files)]
  if (found.every((one) => one.files.length === 0)) return compiled
  const { revision: _before, ...content } = snapshot
  const blocks = Object.assign({}, snapshot.blocks, ...found.map((one) => one.blocks))
  const whole = { ...content, blocks, gathered }
  const revision = createHash('sha256').update(toStableJson(whole)).digest('hex')
  return { ok: true, snapshot: deepFreeze({ revision, ...whole }) }
}

function toError({ file, line, column, message, hint }: FileProblem): ConfigError {
  return { file, position: line === null ? null : { file, line, column }, path: '', message, hint }
}
