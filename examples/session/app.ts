// An application with a login, as it stands behind the gateway of portcullis.yaml. It keeps no session of its own.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const salt = randomBytes(16)
const hash = (password: string) => scryptSync(password, salt, 32)
const users = new Map([['alice', { password: hash('correct horse'), roles: ['writer'] }]])
const notes: string[] = []

const server = createServer(async (request, response) => {
  const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '')
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return send(
        200,
        page(
          '<form method="post" action="/login"><input name="user"><input name="password" type="password"><button>Log in',
        ),
      )
    case 'POST /login': {
      const user = form.get('user') ?? ''
      const known = users.get(user)
      // Hashed for nobody as well, so that the time taken does not tell who exists.
      const given = hash((form.get('password') ?? '').slice(0, 200))
      if (known === undefined || !timingSafeEqual(given, known.password))
        return send(403, page('Wrong name or password.'))
      // The whole of the session's making: who it is. The gateway takes this out and sets the cookie.
      response.setHeader('portcullis-session', JSON.stringify({ subject: user, roles: known.roles }))
      return send(303, '', '/notes')
    }
    case 'POST /notes':
      notes.push(`${callerOf(request)}: ${(form.get('note') ?? '').slice(0, 200)}`)
      return send(303, '', '/notes')
    case 'GET /notes': {
      const list = notes.map((note) => `<li>${toHtml(note)}</li>`).join('')
      const forms =
        '<form method="post"><input name="note"><button>Note</button></form><form method="post" action="/logout"><button>Log out'
      return send(200, page(`Hello ${toHtml(callerOf(request))}<ul>${list}</ul>${forms}`))
    }
    default:
      return send(404, page('There is nothing here.'))
  }

  function send(status: number, body: string, location?: string) {
    if (location !== undefined) response.setHeader('location', location)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.writeHead(status).end(body)
  }
})

/**
 * Who the gateway says is calling. This application listens on loopback for the gateway alone; where others reach it,
 * verify the token's signature, as the page of upstream-identity shows.
 */
function callerOf({ headers }: IncomingMessage): string {
  const [, payload = ''] = String(headers['portcullis-identity']).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub
}

const page = (body: string) => `<!doctype html><title>Notes</title><link rel="icon" href="data:,">${body}`
const toHtml = (value: string) => value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

server.listen(Number(process.env.PORT ?? 4100), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
