import { stringify } from 'yaml'
import type { Held } from '../../openapi/combine-held.ts'
import { toPrintable } from '../printable.ts'
import { type Draft, type DraftRoute, publicReason } from './draft.ts'

/** Writes the draft as a policy file with comments for whoever edits it next. */
export function renderDraft(draft: Draft): string {
  const usesTokens = draft.routes.some(({ authenticate }) => authenticate?.includes('jwt'))
  return [
    header(draft.upstream),
    usesTokens ? issuers(draft.issuers) : '',
    defaults(draft),
    routes(draft),
    leftOut(draft.warnings),
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

function issuers(known: Draft['issuers']): string {
  const isKnown = Object.keys(known).length > 0
  const all = isKnown ? Object.entries(known) : [['main', 'https://login.example.com/'] as const]
  const lines = all.map(([name, issuer]) => `  ${name}: { issuer: ${toYaml(issuer)}, audience: api }\n`)
  return `# Whose tokens are believed. ${isKnown ? 'Set the audience of your API.' : 'Replace both values by your own.'}
issuers:
${lines.join('')}`
}

function defaults({ keyHeaders, contract }: Draft): string {
  const keys = keyHeaders.length === 0 ? '' : `  apiKey: { headers: ${toYaml([...keyHeaders, 'x-api-key'])} }\n`
  const held =
    contract === null
      ? ''
      : `  # What the document does not list is refused. With \`mode: observe\` beside it, that is only logged.
  validate: { openapi: ${toYaml(contract)} }
`
  return `# Every route starts from these and may only tighten them.
defaults:
  securityHeaders: strict
  rateLimit: { limit: 600/min, per: ip }
  bodyLimits: { maxBytes: 1MiB }
${held}${keys}  # What any request may hold. Begin with \`{ mode: observe }\`, and read the log before you enforce:
  # structureLimits: { mode: observe }
  # injection: { mode: observe }
  # Which web pages may call the API from a browser:
  # cors: { origins: [https://app.example.com] }
`
}

function routes({ routes: all, basePath }: Draft): string {
  const intro =
    '# What matches no route is refused. A route names the credentials it asks for, or says why it is public.\n'
  const base =
    basePath === ''
      ? ''
      : `# The document's servers are found below ${toPrintable(basePath)}. If the API itself is not: \`stripPrefix: ${toPrintable(basePath)}\` beside \`upstream\`.\n`
  return all.length === 0 ? `${intro}routes: []\n` : `${intro}${base}routes:\n${all.map(route).join('\n')}`
}

/** In the file as well: whoever reads it did not see what `init` printed. */
function leftOut(warnings: readonly string[]): string {
  if (warnings.length === 0) return ''
  return `# Of the document, this is not as it was:\n${warnings.map((text) => `# - ${toLine(text)}\n`).join('')}`
}

function route({ path, methods, authenticate, issuers: accepted, roles, scopes, comment }: DraftRoute): string {
  const held = [...toHeld('roles', roles, 'any'), ...toHeld('scopes', scopes, 'all')]
  const lines = [
    `- path: ${toYaml(path)}`,
    ...(methods.length === 0 ? [] : [`  methods: ${toYaml([...methods])}`]),
    '  upstream: api',
    ...(authenticate === null
      ? ['  access: public', `  reason: ${publicReason}`]
      : [`  authenticate: ${toYaml([...authenticate])}`]),
    ...(accepted.length === 0 ? [] : [`  jwt: { issuers: ${toYaml([...accepted])} }`]),
    ...(held.length === 0 ? [] : [`  authorize: { ${held.join(', ')} }`]),
  ]
  const above = comment === null ? [] : [`# ${toLine(comment)}`]
  return [...above, ...lines].map((line) => `  ${line}\n`).join('')
}

/** @param listed what a plain list means for this key */
function toHeld(key: string, held: Held, listed: keyof Held): string[] {
  const other = listed === 'all' ? 'any' : 'all'
  if (held.all.length + held.any.length === 0) return []
  // One of one name is that name.
  if (held[other].length <= 1) return [`${key}: ${toYaml([...held[listed], ...held[other]])}`]
  return [`${key}: { ${other}: ${toYaml([...held[other]])} }`]
}

/** Text of the document as a comment: nothing in it may end the line. */
function toLine(text: string): string {
  return toPrintable(text.replace(/\s+/g, ' '))
}

/** A value on one line, quoted where YAML needs it. */
function toYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}
