import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createPasswordHasher } from './password-hasher.ts'

/** How nice each thread of this process is, by its id. */
function readNiceness(): Map<string, number> {
  const threads = readdirSync('/proc/self/task').map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, 'utf8')
    // After the name, which may hold spaces: the field 19.
    return [id, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])] as const
  })
  return new Map(threads)
}

test('the thread that hashes gives way, and no other does', { skip: process.platform !== 'linux' }, async () => {
  const before = readNiceness()
  const hasher = createPasswordHasher({ threads: 1 })
  await hasher.hash('a sentence of several words')
  const after = readNiceness()
  for (const [id, nice] of before) assert.equal(after.get(id) ?? nice, nice)
  const nicer = [...after].filter(([id, nice]) => !before.has(id) && nice === 10)
  assert.equal(nicer.length, 1)
  await hasher.close()
})
