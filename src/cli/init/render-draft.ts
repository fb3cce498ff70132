import { stringify } from 'yaml'
import { type Draft, type DraftRoute, publicReason } from './draft.ts'

/** Writes the draft as a policy file with comments for whoever edits it next. */
export function renderDraft(draft: Draft): string {
  const usesTokens = draft.routes.some(({ authenticate }) => authenticate?.includes('jwt'))
  return [
    header(draft.upstream),
    usesTokens ? issuers(draft.issuer) : '',
    defaults(draft.keyHeaders),
    routes(draft.routes),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function header(upstream: string): string {
  return `# yaml-language-server: $schema=./node_modules/portcullis/schema/portcullis.schema.json
# How Portcullis protects this API. \`portcullis check\` validates this file, \`portcullis serve\` runs it.
version: 1

listen:
  # \`dev\` is a self-signed certificate. In production: { cert: file:server.pem, key: file:server.key }
  https: { port: 8443, certificate: dev }
  # Sends browsers to https and refuses API calls.
  http: { port: 8080 }
  # Metrics, on this machine only.
  admin: { port: 9443 }

# API keys are kept here: \`portcullis keys create --owner someone\` makes one.
data: sqlite:data/portcullis.db

# Proxies in front of Portcullis whose word on client addresses is believed.
trustProxies: []

upstreams:
  api: { targets: [${toYaml(upstream)}] }
`
}

function issuers(issuer: string | null): string {
  return `# Whose tokens are believed. ${issuer === null ? 'Replace both values by your own.' : 'Set the audience of your API.'}
issuers:
  main: { issuer: ${toYaml(issuer ?? 'https://login.example.com/')}, audience: api }
`
}

function defaults(keyHeaders: readonly string[]): string {
  const keys = keyHeaders.length === 0 ? '' : `  apiKey: { headers: ${toYaml([...keyHeaders, 'x-api-key'])} }\n`
  return `# Every route starts from these and may only tighten them.
defaults:
  securityHeaders: strict
  rateLimit: { limit: 600/min, per: ip }
  bodyLimits: { maxBytes: 1MiB }
${keys}  # Which web pages may call the API from a browser:
  # cors: { origins: [https://app.example.com] }
`
}

function routes(all: readonly DraftRoute[]): string {
  const intro =
    '# What matches no route is refused. A route names the credentials it asks for, or says why it is public.\n'
  return all.length === 0 ? `${intro}routes: []\n` : `${intro}routes:\n${all.map(route).join('\n')}`
}

function route({ path, methods, authenticate, scopes, comment }: DraftRoute): string {
  const lines = [
    `- path: ${toYaml(path)}`,
    ...(methods.length === 0 ? [] : [`  methods: ${toYaml([...methods])}`]),
    '  upstream: api',
    ...(authenticate === null
      ? ['  access: public', `  reason: ${publicReason}`]
      : [`  authenticate: ${toYaml([...authenticate])}`]),
    ...(scopes.length === 0 ? [] : [`  authorize: { scopes: ${toYaml([...scopes])} }`]),
  ]
  const above = comment === null ? [] : [`# ${comment.replace(/\s+/g, ' ')}`]
  return [...above, ...lines].map((line) => `  ${line}\n`).join('')
}

/** A value on one line, quoted where YAML needs it. */
function toYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}
