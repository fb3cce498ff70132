import { createHash, createHmac } from 'node:crypto'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined
}

export interface AwsRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly service: string
  readonly region: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** AWS Signature Version 4: the header fields of a request together with those that sign it. `host` is sent by itself. */
export function signAwsRequest(request: AwsRequest, credentials: AwsCredentials, now: Date): [string, string][] {
  const url = new URL(request.url)
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const headers: [string, string][] = [
    ...request.headers.map(([name, value]): [string, string] => [name, value]),
    ['x-amz-date', time],
  ]
  if (credentials.sessionToken !== undefined) headers.push(['x-amz-security-token', credentials.sessionToken])
  const signed = [...headers, ['host', url.host] as const]
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, ' ')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    request.method,
    url.pathname,
    url.search.slice(1),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hash(request.body),
  ].join('\n')
  const scope = `${day}/${request.region}/${request.service}/aws4_request`
  const key = [day, request.region, request.service, 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  )
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n')).toString('hex')
  const credential = `Credential=${credentials.accessKeyId}/${scope}`
  headers.push(['authorization', `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`])
  return headers
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
