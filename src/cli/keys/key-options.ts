import type { Command } from 'commander'
import type { KeyChanges, KeyLimit, KeyMetadata } from '../../stores/ports/key-store.ts'
import {
  collect,
  parseEnvironment,
  parseLifetime,
  parseLimit,
  parseMetadata,
  parseNetwork,
  parseSomeUses,
  parseText,
  parseWord,
} from './parse-arguments.ts'

/** What `create` and `update` understand of a key, as commander hands it over. */
export interface KeyOptions {
  readonly name?: string
  readonly tenant?: string
  readonly role?: readonly string[]
  readonly scope?: readonly string[]
  readonly cidr?: readonly string[]
  readonly expires?: number
  readonly environment?: string
  readonly metadata?: KeyMetadata
  readonly uses?: number
  readonly rateLimit?: KeyLimit
  readonly quota?: KeyLimit
}

export function addKeyOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what tells it from other keys of the owner', parseText)
    .option('--tenant <tenant>', 'the tenant that the owner belongs to', parseText)
    .option('--role <role>', 'a role; may be repeated', collect(parseWord))
    .option('--scope <scope>', 'a scope; may be repeated', collect(parseWord))
    .option('--expires <duration>', 'when it ends, counted from now, such as 90d', parseLifetime)
    .option('--cidr <network>', 'a network it may be used from; may be repeated', collect(parseNetwork))
    .option('--environment <name>', 'where it belongs, such as live or test; routes may ask for one', parseEnvironment)
    .option('--metadata <json>', 'what else policies should know of it: a JSON object, 4 KiB at most', parseMetadata)
    .option('--uses <number>', 'how many requests it may make in all', parseSomeUses)
    .option('--rate-limit <rate>', 'how fast it may be used, such as 100/min', parseLimit)
    .option('--quota <rate>', 'how much it may be used over a long time, such as 50000/30d', parseLimit)
}

/** Only what was given. */
export function toKeyChanges(options: KeyOptions, now: number): KeyChanges {
  const { name, tenant, role, scope, cidr, expires, environment, metadata, uses, rateLimit, quota } = options
  return {
    ...(name !== undefined && { name }),
    ...(tenant !== undefined && { tenant }),
    ...(role !== undefined && { roles: role }),
    ...(scope !== undefined && { scopes: scope }),
    ...(cidr !== undefined && { cidrs: cidr }),
    ...(expires !== undefined && { expiresAt: now + expires }),
    ...(environment !== undefined && { environment }),
    ...(metadata !== undefined && { metadata }),
    ...(uses !== undefined && { usesLeft: uses }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(quota !== undefined && { quota }),
  }
}

/** What stands where nothing is given, by the name of the option. */
export const cleared: Readonly<Record<string, KeyChanges>> = {
  name: { name: null },
  tenant: { tenant: null },
  role: { roles: [] },
  scope: { scopes: [] },
  expires: { expiresAt: null },
  cidr: { cidrs: [] },
  environment: { environment: null },
  metadata: { metadata: {} },
  uses: { usesLeft: null },
  'rate-limit': { rateLimit: null },
  quota: { quota: null },
}
