import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`runs alone, prints where, and stops on ${signal}`, async () => {
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, SHOP_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = await once(createInterface(child.stdout), 'line')
      const url = /^ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)![1]!
      assert.equal((await fetch(`${url}/health`)).status, 200)
    } finally {
      child.kill(signal)
    }
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })
}

test('a port that is not a number is an error, not a guess', async () => {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SHOP_PORT: 'three thousand' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const [code] = await once(child, 'exit')
  assert.equal(code, 2)
  assert.match(text, /SHOP_PORT/)
})
