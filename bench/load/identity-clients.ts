// Does one thing at the identity server again and again, one after the other:
// `node load/identity-clients.ts ORIGIN token|refresh|login SECONDS ACCOUNTS`, `id:secret` and the password in the environment.
// Prints one line of JSON.
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { LoginBrowser } from '../../test/support/login-browser.ts'
import { median, percentile } from '../harness/statistics.ts'

const [origin, operation, seconds, accounts] = process.argv.slice(2) as [string, string, string, string]
const { CLIENT = '', PASSWORD = '' } = process.env
const issuer = `${origin}/identity`
const callback = 'http://127.0.0.1/callback'
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

interface Answer {
  readonly status: number
  readonly body: string
}

let refreshToken = ''
const operations: Record<string, () => Promise<boolean>> = { token: askToken, refresh, login: logIn }

const times: number[] = []
let failed = 0
// Warms up, and gets the refresh token that the next one is asked for with.
if (operation === 'refresh') await logIn()
for (let i = 0; i < 3; i++) await operations[operation]?.()

const end = performance.now() + Number(seconds) * 1000
while (performance.now() < end) {
  const begun = performance.now()
  if (await operations[operation]?.()) times.push(performance.now() - begun)
  else failed++
}
console.log(
  JSON.stringify({
    count: times.length,
    failed,
    p50Ms: times.length === 0 ? null : median(times),
    p99Ms: times.length === 0 ? null : percentile(times, 0.99),
    longestMs: times.length === 0 ? null : Math.max(...times),
  }),
)
process.exit(0)

async function askToken(): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(CLIENT).toString('base64')}`
  const { status } = await post({ grant_type: 'client_credentials', scope: 'orders:read' }, { authorization })
  return status === 200
}

async function refresh(): Promise<boolean> {
  return takeTokens(await post({ grant_type: 'refresh_token', client_id: 'cli', refresh_token: refreshToken }))
}

/** From the authorization request to the tokens, in a browser that was never there. */
async function logIn(): Promise<boolean> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: 'cli',
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid orders:read',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const login = { username: `user-${randomInt(Number(accounts))}`, password: PASSWORD }
  const ended = new URL(await new LoginBrowser().logIn(`${issuer}/authorize?${query}`, login))
  const code = ended.searchParams.get('code')
  if (code === null) return false
  const redeem = { grant_type: 'authorization_code', client_id: 'cli', code, redirect_uri: callback }
  return takeTokens(await post({ ...redeem, code_verifier: verifier }))
}

function takeTokens({ status, body }: Answer): boolean {
  if (status !== 200) return false
  refreshToken = (JSON.parse(body) as { refresh_token: string }).refresh_token
  return true
}

function post(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
  const body = new URLSearchParams(fields).toString()
  const sent = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, ...headers }
  return new Promise((resolve) => {
    request(`${issuer}/token`, { agent, headers: sent, method: 'POST' }, (response) => resolve(read(response)))
      .on('error', () => resolve({ status: 0, body: '' }))
      .end(body)
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return { status: response.statusCode ?? 0, body }
}
