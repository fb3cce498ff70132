import { toConfigKey } from '../../core/policy.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Applied } from '../layers/applied.ts'
import type { Weakening } from '../layers/compose-layer.ts'
import { type Accepted, selectCredentials } from '../layers/credentials.ts'
import type { RouteEntry } from './route-value.ts'

/** Who may call a route: its policies, credentials chosen, and why it is public where it is. */
export interface Access {
  readonly authenticated: boolean
  readonly reason: string | null
  readonly applied: readonly Applied[]
  readonly weakenings: readonly Weakening[]
}

/** Deny by default: a route names credentials, inherits them, or says that it is public and why. */
export function resolveAccess(entry: RouteEntry, composed: readonly Applied[], context: CompileContext): Access {
  return entry.value.access === 'public'
    ? resolvePublic(entry, composed, context)
    : resolvePrivate(entry, composed, context)
}

function resolvePublic(
  { value, broken, base }: RouteEntry,
  composed: readonly Applied[],
  context: CompileContext,
): Access {
  const { report } = context
  const complain = (key: string, message: string) => report.add([...base, key], message, { part: 'key' })
  if (value.reason === undefined && !broken.has('reason')) {
    report.add([...base, 'access'], '`access: public` needs a `reason` beside it')
  }
  if (value.authenticate !== undefined) complain('authenticate', 'a public route asks for no credential')
  if (value.authorize !== undefined) complain('authorize', 'a public route has no caller to authorize')
  if (value.loosen?.authenticate) complain('loosen', 'a public route asks for no credential')
  reportUnnamed([], value, base, context)
  return { authenticated: false, reason: value.reason ?? null, applied: withoutCaller(composed), weakenings: [] }
}

function resolvePrivate(entry: RouteEntry, composed: readonly Applied[], context: CompileContext): Access {
  const { value, broken, base } = entry
  const { report, policies } = context
  if (value.reason !== undefined && !broken.has('access')) {
    report.add([...base, 'reason'], 'a reason belongs to `access: public`, which is not set', { part: 'key' })
  }
  const accepted = findAccepted(entry, context)
  if (accepted === null) {
    const known = policies.filter(({ kind }) => kind === 'credential').map(({ name }) => toConfigKey(name))
    if (!broken.has('authenticate') && !broken.has('access') && !context.brokenDefaults.has('authenticate')) {
      report.add(base, 'says neither who may call nor that it is public', {
        hint: `Add \`authenticate: [${known.join(', ')}]\`, or \`access: public\` with a \`reason\`.`,
      })
    }
    return { authenticated: true, reason: null, applied: composed, weakenings: [] }
  }
  reportUnnamed(accepted.names, value, base, context)
  const unreadable = new Set([...broken, ...context.brokenDefaults])
  const credentials = selectCredentials(policies, composed, accepted, unreadable, report)
  const others = composed.filter(({ policy }) => policy.kind !== 'credential')
  return {
    authenticated: true,
    reason: null,
    applied: [...others, ...credentials],
    weakenings: loosenedCredentials(entry, context),
  }
}

function findAccepted({ value, base }: RouteEntry, context: CompileContext): Accepted | null {
  const { report, defaults } = context
  const inherited = defaults.authenticate
  const loosened = value.loosen?.authenticate
  if (value.authenticate !== undefined) {
    const path = [...base, 'authenticate']
    for (const [i, name] of value.authenticate.entries()) {
      if (inherited === undefined || inherited.includes(name)) continue
      report.add([...path, i], `"${name}" is not among the inherited credentials (${inherited.join(', ')})`, {
        hint: `If it must be: \`loosen: { authenticate: { names: [${value.authenticate.join(', ')}], reason: … } }\`.`,
      })
    }
    if (loosened) report.add([...base, 'loosen', 'authenticate'], 'stands beside `authenticate`: keep one of them')
    return { names: value.authenticate, path }
  }
  if (loosened) return { names: loosened.names, path: [...base, 'loosen', 'authenticate', 'names'] }
  return inherited === undefined ? null : { names: inherited, path: ['defaults', 'authenticate'] }
}

function loosenedCredentials({ value, base }: RouteEntry, { defaults, report }: CompileContext): Weakening[] {
  const loosened = value.loosen?.authenticate
  if (!loosened) return []
  const path = [...base, 'loosen', 'authenticate']
  const inherited = defaults.authenticate ?? []
  if (inherited.length === 0 || loosened.names.every((name) => inherited.includes(name))) {
    report.add(path, 'there is nothing to loosen: write `authenticate` without it', { part: 'key' })
  }
  const text = `authenticate is looser than inherited (${inherited.join(', ')} → ${loosened.names.join(', ')})`
  return [{ kind: 'loosened', text, reason: loosened.reason, path }]
}

/** Options of a credential that the route does not accept would do nothing, and nothing is ignored. */
function reportUnnamed(
  names: readonly string[],
  value: RouteEntry['value'],
  base: RouteEntry['base'],
  { policies, report }: CompileContext,
): void {
  const entries = value as unknown as Readonly<Record<string, unknown>>
  for (const policy of policies) {
    const key = toConfigKey(policy.name)
    if (policy.kind !== 'credential' || entries[key] === undefined || names.includes(key)) continue
    report.add([...base, key], `${key} is configured, but \`authenticate\` does not name it`, { part: 'key' })
  }
}

/** Without a caller there is nobody to identify or to authorize. */
export function withoutCaller(composed: readonly Applied[]): Applied[] {
  return composed.filter(({ policy }) => policy.kind === 'protection')
}
