import { byKeys, byMembers, byNames, byPresence, byWeakness, type Judge, neutral, unjudged } from '../../core/judge.ts'
import { formatDuration } from '../../core/units.ts'
import type { IssuerOptions } from './issuer-options.ts'

const longer = byWeakness<number>((ms) => ms, formatDuration)
const lasting = byWeakness<number>(() => 0, formatDuration)
const accepted = byMembers('weakens', 'tightens')

/** Without one, tokens of any age are accepted. */
const judgeAge = byWeakness<number | undefined>(
  (ms) => ms ?? Number.POSITIVE_INFINITY,
  (ms) => (ms === undefined ? 'none' : formatDuration(ms)),
)

const allowance = byPresence<{ readonly reason: string }>(
  { added: 'weakens', removed: 'tightens', show: ({ reason }) => reason },
  neutral,
)

/** Another issuer is believed in its place. */
const judgeIdentity: Judge<string> = (before, after) =>
  before === after ? [] : [{ effect: 'weakens', path: [], text: `${before} → ${after}` }]

const judgeIssuer = byKeys<IssuerOptions>({
  issuer: judgeIdentity,
  audience: accepted,
  jwksUrl: unjudged,
  keys: unjudged,
  algorithms: accepted,
  types: accepted,
  clockTolerance: longer,
  maxTokenAge: judgeAge,
  rolesClaim: unjudged,
  scopesClaim: unjudged,
  // Where it is set, tokens without a tenant are refused.
  tenantClaim: byPresence<NonNullable<IssuerOptions['tenantClaim']>>(
    { added: 'tightens', removed: 'weakens' },
    unjudged,
  ),
  rolesMap: unjudged,
  rolesPrefix: unjudged,
  scopesMap: unjudged,
  scopesPrefix: unjudged,
  tenantMap: unjudged,
  attributes: unjudged,
  boundClients: byPresence<NonNullable<IssuerOptions['boundClients']>>(
    { added: 'tightens', removed: 'weakens' },
    unjudged,
  ),
  // A key that was withdrawn works on for so long.
  keysMaxAge: longer,
  keysMaxStale: longer,
  onFailure: byWeakness<IssuerOptions['onFailure']>((what) => (what === 'local' ? 1 : 0)),
  refreshCooldown: lasting,
  timeout: lasting,
  allowPrivateAddress: allowance,
  allowPlainHttp: allowance,
})

/** What a change of whose tokens are believed means. */
export const judgeIssuers = byNames<IssuerOptions>(
  { added: 'weakens', removed: 'tightens', show: ({ issuer }) => issuer },
  judgeIssuer,
)
