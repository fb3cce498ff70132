// Logs in again and again, each of so many accounts one after the other:
// `node load/log-ins.ts HOST PORT PATH ACCOUNTS`, the password in the environment. Ends when it is told to (SIGTERM), and
// prints one line of JSON then.
import { Agent, request } from 'node:http'

const [host, port, path, accounts] = process.argv.slice(2) as [string, string, string, string]
const agent = new Agent({ keepAlive: true })
const counts = { passed: 0, refused: 0, failed: 0 }
let over = false

process.once('SIGTERM', () => {
  over = true
  console.log(JSON.stringify(counts))
  process.exit(0)
})
console.log('ready')
await Promise.all(Array.from({ length: Number(accounts) }, (_, i) => keepLoggingIn(i)))

async function keepLoggingIn(account: number): Promise<void> {
  const login = Buffer.from(`user-${account}:${process.env.PASSWORD}`).toString('base64')
  const headers = {
    authorization: `Basic ${login}`,
    // The gateway takes this machine for a proxy that ends TLS.
    'x-forwarded-proto': 'https',
    'x-forwarded-for': `198.51.100.${account}`,
  }
  while (!over) {
    const status = await ask(headers)
    if (status === 200) counts.passed++
    else if (status === 0) counts.failed++
    else counts.refused++
  }
}

function ask(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    request({ host, port, path, agent, headers }, (response) => {
      response.resume().once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0))
    })
      .on('error', () => resolve(0))
      .end()
  })
}
