import type { Endpoint } from '../../core/policy.ts'
import { type BrowserLoginOptions, ownIssuerName } from './options.ts'

const why = {
  login: 'people come to log in',
  callback: 'the issuer sends people back here',
  logout: 'ends the session of whoever calls it',
  me: 'tells our own pages who is logged in',
  backchannel: 'the issuer says, signed, that a login has ended',
}

/** The routes that the policy brings. What other origins may read of the API is none of their business. */
export function listEndpoints({ issuer, paths }: BrowserLoginOptions): readonly Endpoint[] {
  const endpoint = (id: keyof typeof why, method: string): Endpoint => {
    return { id, path: paths[id], methods: [method], reason: why[id], sameOrigin: true }
  }
  return [
    endpoint('login', 'GET'),
    endpoint('callback', 'GET'),
    endpoint('logout', 'POST'),
    endpoint('me', 'GET'),
    // Our own identity server takes the tokens away by itself.
    ...(issuer === ownIssuerName ? [] : [endpoint('backchannel', 'POST')]),
  ]
}
