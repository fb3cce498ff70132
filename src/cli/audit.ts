import { Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../core/units.ts'
import { openAudit } from '../runtime/audited.ts'
import type { AuditPage, AuditRecord, AuditStore } from '../stores/ports/audit-store.ts'
import { describeUse } from './describe-use.ts'
import { type KeySurroundings, withStore } from './keys/key-session.ts'
import { keySurroundings } from './keys/surroundings.ts'
import { toPrintable } from './printable.ts'

interface ListOptions extends Pick<AuditPage, 'actor' | 'action' | 'subject' | 'limit'> {
  readonly config: string
  readonly since?: Moment
  readonly until?: Moment
  readonly json?: true
}

/** A time, or how long before now. */
type Moment = { readonly at: number } | { readonly agoMs: number }

const pageSize = 500
const maxEvents = 1_000_000

/** `portcullis audit`: who changed what. */
export function createAuditCommand(surroundings: KeySurroundings = keySurroundings): Command {
  const audit = new Command('audit').description('Read the audit trail: who changed what, and when')
  const list = audit
    .command('list')
    .description('List what was done, newest first')
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('--since <time>', 'a duration before now such as 7d, or a time such as 2030-01-31T12:00Z', parseMoment)
    .option('--until <time>', 'the same; events of that time are left out', parseMoment)
    .option('--actor <actor>', 'only what one did, such as cli:root')
    .option('--action <action>', 'only what was done so, such as api-key-revoked')
    .option('--subject <id>', 'only what was done to one')
    .option('--limit <count>', `at most so many, up to ${maxEvents}`, parseLimit, 1000)
    .option('--json', 'print JSON')
    .action(({ config, json, since, until, ...rest }: ListOptions) =>
      withStore(surroundings, { config, ...(json ? { json } : {}) }, async ({ db }) => {
        const now = surroundings.now()
        const times = {
          ...(since === undefined ? {} : { since: toTime(since, now) }),
          ...(until === undefined ? {} : { until: toTime(until, now) }),
        }
        const events = await readAll(openAudit(db), { ...rest, ...times })
        surroundings.print(json ? JSON.stringify(events.map(toView), null, 2) : format(events))
      }),
    )
  const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
  describeUse(list, {
    examples: [
      ['audit list --since 24h', 'what was done since yesterday'],
      ['audit list --subject k3v9x0q2m8ab --json', 'what was done to one key, for a program'],
    ],
    exits,
  })
  return describeUse(audit, {
    examples: [['audit list --since 7d', 'more with `portcullis audit list --help`']],
    exits,
  })
}

async function readAll(audit: AuditStore, page: AuditPage): Promise<AuditRecord[]> {
  const events: AuditRecord[] = []
  for (;;) {
    const limit = Math.min(pageSize, page.limit - events.length)
    if (limit === 0) return events
    const before = events.at(-1)?.position
    const more = await audit.list({ ...page, limit, ...(before === undefined ? {} : { before }) })
    events.push(...more)
    if (more.length < limit) return events
  }
}

function toView({ at, ...event }: AuditRecord) {
  return { ...event, at: new Date(at).toISOString() }
}

function format(events: readonly AuditRecord[]): string {
  if (events.length === 0) return 'Nothing was done.'
  return events
    .map(({ at, actor, action, subject, detail }) => {
      const more = Object.keys(detail).length === 0 ? '' : `  ${JSON.stringify(detail)}`
      return toPrintable(`${new Date(at).toISOString()}  ${actor}  ${action}  ${subject}${more}`)
    })
    .join('\n')
}

function parseMoment(text: string): Moment {
  const agoMs = parseDuration(text)
  if (agoMs !== null) return { agoMs }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new InvalidArgumentError('It is no duration such as 7d and no time such as 2030-01-31T12:00Z.')
  return { at }
}

function toTime(moment: Moment, now: number): number {
  return 'at' in moment ? moment.at : now - moment.agoMs
}

function parseLimit(text: string): number {
  const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxEvents) throw new InvalidArgumentError(`It is no number from 1 to ${maxEvents}.`)
  return limit
}
