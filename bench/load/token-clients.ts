// Asks for tokens by client credentials, on so many connections for so long:
// `node load/token-clients.ts HOST PORT PATH CONNECTIONS SECONDS`, `id:secret` in the environment. Prints one line of JSON.
import { Agent, request } from 'node:http'

const [host, port, path, connections, seconds] = process.argv.slice(2) as [string, string, string, string, string]
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const body = 'grant_type=client_credentials&scope=orders%3Aread'
const headers = {
  authorization: `Basic ${Buffer.from(process.env.CLIENT ?? '').toString('base64')}`,
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': body.length,
}
const counts = { tokens: 0, failed: 0 }
const end = performance.now() + Number(seconds) * 1000
const begun = performance.now()

await Promise.all(Array.from({ length: Number(connections) }, keepAsking))
console.log(JSON.stringify({ ...counts, seconds: (performance.now() - begun) / 1000 }))
process.exit(0)

async function keepAsking(): Promise<void> {
  while (performance.now() < end) {
    if ((await ask()) === 200) counts.tokens++
    else counts.failed++
  }
}

function ask(): Promise<number> {
  return new Promise((resolve) => {
    request({ host, port, path, agent, headers, method: 'POST' }, (response) => {
      response.resume().once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0))
    })
      .on('error', () => resolve(0))
      .end(body)
  })
}
