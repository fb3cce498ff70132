import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { checkPortFree } from './port-check.ts'

test('a port that another program holds is told, even where it would share it', async () => {
  const server = createServer()
  const reusePort = process.platform === 'linux'
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', reusePort }, resolve))
  const { port } = server.address() as AddressInfo
  await assert.rejects(checkPortFree('127.0.0.1', port), new RegExp(`cannot listen on 127.0.0.1 port ${port}: another`))
  await new Promise((resolve) => server.close(resolve))
  await checkPortFree('127.0.0.1', port)
  // Afterwards it is free for the gateway itself.
  await checkPortFree('127.0.0.1', port)
})

test('a free port is always free; an address of another machine is not', async () => {
  await checkPortFree('127.0.0.1', 0)
  await assert.rejects(checkPortFree('192.0.2.1', 8443), /cannot listen on 192\.0\.2\.1 port 8443/)
})
