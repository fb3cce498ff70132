/** The directives of a policy with their values, in the order of the text. */
export type CspDirectives = ReadonlyMap<string, readonly string[]>

/** Why a text is no policy that should be sent. */
export interface CspProblem {
  readonly problem: string
}

// Where a fetch directive is absent, the first one of its chain that is there decides (CSP 3 section 6.8.3).
const fetchChains: Readonly<Record<string, readonly string[]>> = {
  'connect-src': [],
  'font-src': [],
  'frame-src': ['child-src'],
  'fenced-frame-src': ['frame-src', 'child-src'],
  'img-src': [],
  'manifest-src': [],
  'media-src': [],
  'object-src': [],
  'prefetch-src': [],
  'script-src-elem': ['script-src'],
  'script-src-attr': ['script-src'],
  'style-src-elem': ['style-src'],
  'style-src-attr': ['style-src'],
  'worker-src': ['child-src', 'script-src'],
}
const chained = ['child-src', 'script-src', 'style-src', 'default-src']
const listed = ['base-uri', 'form-action', 'frame-ancestors', 'sandbox', 'require-trusted-types-for', 'trusted-types']
const others = ['upgrade-insecure-requests', 'block-all-mixed-content', 'report-uri', 'report-to', 'webrtc']
const known = new Set([...Object.keys(fetchChains), ...chained, ...listed, ...others])

const mustBeQuoted =
  /^(?:self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|report-sample|wasm-unsafe-eval|(?:nonce|sha(?:256|384|512))-.+)$/i

/**
 * Reads a policy of the policy file. Browsers skip what they do not understand, so a mistake would leave a page without
 * protection and nobody would notice: here it is an error.
 */
export function parseCsp(text: string): CspDirectives | CspProblem {
  const directives = new Map<string, readonly string[]>()
  if (!/^[\x20-\x7e]+$/.test(text)) return { problem: 'a policy is one line of printable ASCII' }
  if (text.includes(',')) return { problem: 'a comma would begin a second policy' }
  for (const part of text.split(';')) {
    const [rawName = '', ...values] = part.trim().split(/ +/)
    const name = rawName.toLowerCase()
    if (name === '') continue
    if (!known.has(name)) return { problem: `"${name}" is not a directive` }
    if (directives.has(name)) return { problem: `"${name}" stands twice; browsers ignore the second one` }
    const bare = values.find((value) => mustBeQuoted.test(value))
    if (bare !== undefined) return { problem: `write '${bare}' with its quotes: without them it is a host name` }
    if (values.length > 1 && values.includes("'none'")) return { problem: `'none' stands alone in "${name}"` }
    directives.set(name, values)
  }
  return directives.size === 0 ? { problem: 'the policy is empty' } : directives
}

/** Whether a page under `own` may do nothing that it may not do under `inherited`. Sources are compared as written. */
export function isAtLeastAsStrict(own: CspDirectives, inherited: CspDirectives): boolean {
  return (
    Object.keys(fetchChains).every((name) => isSubset(fetchSources(own, name), fetchSources(inherited, name))) &&
    listed.every((name) => isSubset(own.get(name), inherited.get(name))) &&
    (own.has('upgrade-insecure-requests') || !inherited.has('upgrade-insecure-requests'))
  )
}

function fetchSources(directives: CspDirectives, name: string): readonly string[] | undefined {
  for (const candidate of [name, ...(fetchChains[name] ?? []), 'default-src']) {
    const sources = directives.get(candidate)
    if (sources !== undefined) return sources
  }
  return undefined
}

/** An absent list allows everything. */
function isSubset(own: readonly string[] | undefined, inherited: readonly string[] | undefined): boolean {
  if (inherited === undefined) return true
  if (own === undefined) return false
  return own.every((source) => source === "'none'" || source === "'report-sample'" || inherited.includes(source))
}
