import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface GitHubPerson {
  readonly id: number
  readonly login: string
  readonly name: string | null
  readonly emails: readonly { readonly email: string; readonly primary: boolean; readonly verified: boolean }[]
}

/**
 * GitHub's dialect, as an Enterprise Server speaks it: errors of the token endpoint come with status 200, scopes are
 * separated by commas, ids are numbers, addresses are in a list of their own, and `iss` names what is not the server's address.
 */
export interface GitHubServer {
  readonly url: string
  person: GitHubPerson
  close(): Promise<void>
}

interface Code {
  readonly challenge: string | null
  readonly redirectUri: string | null
  readonly person: GitHubPerson
  readonly scope: string
}

export async function startGitHubServer(client: { id: string; secret: string }): Promise<GitHubServer> {
  const [codes, tokens] = [new Map<string, Code>(), new Map<string, Code>()]
  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: GitHubServer = {
    url,
    person: { id: 1, login: 'nobody', name: null, emails: [] },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
    switch (pathname) {
      case '/login/oauth/authorize': {
        const back = new URL(searchParams.get('redirect_uri') as string)
        const code = randomBytes(10).toString('hex')
        const { person } = server
        const [challenge, scope] = [searchParams.get('code_challenge'), searchParams.get('scope') ?? '']
        codes.set(code, { challenge, redirectUri: back.href, person, scope })
        back.search = new URLSearchParams({
          code,
          iss: `${url}/login/oauth`,
          state: searchParams.get('state') ?? '',
        }).toString()
        response.writeHead(302, { location: back.href }).end()
        return
      }
      case '/login/oauth/access_token': {
        const form = new URLSearchParams(await text(request))
        const code = codes.get(form.get('code') ?? '')
        codes.delete(form.get('code') ?? '')
        const verifier = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url')
        const isClient = form.get('client_id') === client.id && form.get('client_secret') === client.secret
        if (!isClient) return void json({ error: 'incorrect_client_credentials' })
        if (code === undefined || (code.challenge !== null && code.challenge !== verifier))
          return void json({
            error: 'bad_verification_code',
            error_description: 'The code passed is incorrect or expired.',
          })
        if (form.get('redirect_uri') !== code.redirectUri) return void json({ error: 'redirect_uri_mismatch' })
        const token = `gho_${randomBytes(18).toString('hex')}`
        tokens.set(token, code)
        json({ access_token: token, scope: code.scope.replaceAll(' ', ','), token_type: 'bearer' })
        return
      }
      default: {
        if (request.headers['user-agent'] === undefined) return void response.writeHead(403).end()
        const token = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''))
        if (token === undefined) return void json({ message: 'Bad credentials' }, 401)
        const { emails, ...user } = token.person
        if (pathname === '/api/v3/user') return void json({ ...user, email: emails[0]?.email ?? null })
        if (pathname === '/api/v3/user/emails' && token.scope.includes('user:email')) return void json(emails)
        json({ message: 'Not Found' }, 404)
      }
    }
  }
  return server
}
