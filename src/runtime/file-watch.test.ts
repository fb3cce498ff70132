import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileWatch } from './file-watch.ts'

let folder: string
let file: string
let calls = 0

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-watch-'))
  file = join(folder, 'a.yaml')
})
after(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  await writeFile(file, 'one')
  calls = 0
})

async function watching(paths: readonly string[], work: (watch: FileWatch) => Promise<void>): Promise<void> {
  const watch = new FileWatch(() => void calls++, 100)
  await watch.watch(paths)
  try {
    await work(watch)
  } finally {
    watch.stop()
  }
}

test('a change is told once, after the file has kept still', async () => {
  await watching([file], async () => {
    for (let i = 0; i < 8; i++) {
      await writeFile(file, `two ${'x'.repeat(i)}`)
      await sleep(40)
    }
    assert.equal(calls, 0, 'it is still being written')
    await sleep(400)
    assert.equal(calls, 1)
    await sleep(150)
    assert.equal(calls, 1)
  })
})

test('replacement, a link that turns, removal and return are changes', async () => {
  const link = join(folder, 'link.yaml')
  const other = join(folder, 'other.yaml')
  await writeFile(other, 'one')
  await symlink(file, link)
  const changes: (() => Promise<void>)[] = [
    async () => {
      await writeFile(join(folder, 'new'), 'one')
      await rename(join(folder, 'new'), file)
    },
    async () => {
      await symlink(other, join(folder, 'turned'))
      await rename(join(folder, 'turned'), link)
    },
    () => unlink(file),
    () => writeFile(file, 'one'),
  ]
  await watching([file, link], async () => {
    for (const [i, change] of changes.entries()) {
      await change()
      await sleep(400)
      assert.equal(calls, i + 1)
    }
  })
})

test('a change that comes while the last one is taken over is told too', async () => {
  await watching([file], async (watch) => {
    await writeFile(file, 'two, changed before the list of files is renewed')
    await watch.watch([file, join(folder, 'another')])
    await sleep(400)
    assert.equal(calls, 1)
  })
})

test('nothing is told after the end', async () => {
  await watching([file], async (watch) => {
    await writeFile(file, 'two')
    await sleep(150)
    watch.stop()
    await sleep(300)
    assert.equal(calls, 0)
  })
})
