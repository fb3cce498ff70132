import { encodePairs } from '../../contract/parameters/write-parameter.ts'
import { type SampleRequest, writeBody } from '../../contract/sample/sample-request.ts'
import type { ProbeRequest, ProbeTarget } from '../../core/probe.ts'

export function toProbeRequest(sample: SampleRequest, { method, path, route }: ProbeTarget): ProbeRequest {
  const { params, query, headers, cookies, body } = sample
  const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    method,
    path: fillPath(route.path, path, params),
    query: encodePairs(query),
    headers: [
      ...headers,
      ...(cookie === '' ? [] : [['cookie', cookie] as const]),
      ...(body === null ? [] : [['content-type', body.type] as const]),
    ],
    ...(body !== null && { body: writeBody(body) }),
  }
}

/** Puts values in the places of the route's parameters; what the contract does not name stays as it was. */
function fillPath(pattern: string, path: string, params: SampleRequest['params']): string {
  const given = path.split('/')
  const parts = pattern.split('/').map((part, i) => {
    const name = /^\{([^}*]+)\*?\}$/.exec(part)?.[1]
    const value = name !== undefined && Object.hasOwn(params, name) ? params[name] : undefined
    return value === undefined ? (given[i] ?? '') : encodeURIComponent(value)
  })
  return parts.join('/')
}
