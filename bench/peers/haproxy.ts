import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../harness/contender.ts'
import { findFreePort } from '../harness/free-port.ts'
import { Program } from '../harness/program.ts'
import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin, securityHeaders } from './answer-headers.ts'
import { limitPerMinute } from './limit.ts'

/** HAProxy as its manual secures an API, with what Portcullis does in the same run. */
export const haproxy: Contender = {
  name: 'haproxy',
  description: 'HAProxy, one thread: RS256 verified, claims checked, stick-table limit, CORS, headers, log, metrics',
  authenticates: true,
  async start({ bench, upstream }) {
    const folder = join(bench.folder, 'haproxy')
    await mkdir(folder)
    const port = await findFreePort()
    const file = join(folder, 'haproxy.cfg')
    await writeFile(file, toConfiguration(port, new URL(upstream).host, bench.tokens.publicKeyFile))
    const log = join(folder, 'haproxy.log')
    const program = new Program({ command: 'haproxy', args: ['-f', file], cores: bench.cores.server, log })
    return { origin: `http://127.0.0.1:${port}`, program }
  },
}

function toConfiguration(port: number, target: string, publicKeyFile: string): string {
  return `global
  nbthread 1
  maxconn 8192
  log stdout format raw local0

defaults
  mode http
  log global
  option httplog
  http-reuse always
  timeout client 30s
  timeout server 30s
  timeout connect 5s
  timeout http-request 10s
  timeout http-keep-alive 60s

backend principals
  stick-table type string len 64 size 100k expire 60s store http_req_rate(60s)

frontend api
  bind 127.0.0.1:${port} backlog 4096
  unique-id-format %{+X}o%ci%cp%Ts%rt%pid
  unique-id-header X-Request-Id
  http-request use-service prometheus-exporter if { path /metrics }

  http-request set-var(txn.origin) req.hdr(origin)
  http-request return status 204 hdr Access-Control-Allow-Origin ${allowedOrigin} hdr Access-Control-Allow-Methods GET if METH_OPTIONS { var(txn.origin) -m str ${allowedOrigin} }

  http-request deny deny_status 401 unless { req.hdr(authorization) -m found }
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request set-var(txn.iss) http_auth_bearer,jwt_payload_query('$.iss')
  http-request set-var(txn.aud) http_auth_bearer,jwt_payload_query('$.aud')
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.sub) http_auth_bearer,jwt_payload_query('$.sub')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless { var(txn.alg) -m str RS256 }
  http-request deny deny_status 401 unless { var(txn.iss) -m str ${issuer} }
  http-request deny deny_status 401 unless { var(txn.aud) -m str ${audience} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(txn.alg,"${publicKeyFile}") -m int 1 }
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }

  http-request track-sc0 var(txn.sub) table principals
  http-request set-var(txn.used) sc0_http_req_rate(principals)
  http-request set-var(txn.left) int(${limitPerMinute}),sub(txn.used)
  http-request deny deny_status 429 if { var(txn.left) -m int lt 0 }

  http-request del-header Authorization
  http-request set-header X-Subject %[var(txn.sub)]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]

${securityHeaders.map(([name, value]) => `  http-response set-header ${name} "${value}"`).join('\n')}
  http-response set-header Access-Control-Allow-Origin ${allowedOrigin} if { var(txn.origin) -m str ${allowedOrigin} }
  http-response set-header Access-Control-Expose-Headers "etag, link, location, ratelimit, ratelimit-policy, retry-after" if { var(txn.origin) -m str ${allowedOrigin} }
  http-response set-header Vary Origin
  http-response set-header RateLimit-Policy "\\"route-principal-60s\\";q=${limitPerMinute};w=60"
  http-response set-header RateLimit "\\"route-principal-60s\\";r=%[var(txn.left)];t=60"
  http-response del-header Server
  default_backend shop

backend shop
  server one ${target} pool-max-conn 256
`
}
