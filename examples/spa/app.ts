// The pages and the API behind the gateway of portcullis.yaml. It knows nothing of logins, cookies or refresh tokens.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

const pages: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript'],
  '/style.css': ['style.css', 'text/css'],
}
const notes: { readonly by: string; readonly text: string }[] = []

const server = createServer(async (request, response) => {
  const page = pages[request.url ?? '']
  if (page !== undefined) {
    response.setHeader('content-type', page[1])
    return response.end(await readFile(new URL(`pages/${page[0]}`, import.meta.url)))
  }
  if (request.url !== '/api/notes') return response.writeHead(404).end()
  if (request.method === 'POST') {
    const { text } = (await json(request)) as { text?: unknown }
    notes.push({ by: callerOf(request), text: String(text).slice(0, 200) })
    return answer(response, 201, {})
  }
  return answer(response, 200, notes)
})

/**
 * Who the access token speaks of. This application listens on loopback for the gateway alone; where others reach it,
 * verify the token as any API of an OAuth server does.
 */
function callerOf({ headers }: IncomingMessage): string {
  const [, payload = ''] = String(headers.authorization).split('.')
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.writeHead(status).end(JSON.stringify(value))
}

server.listen(Number(process.env.PORT ?? 4100), '127.0.0.1', () => {
  console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
