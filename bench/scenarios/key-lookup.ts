import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { openStore, openStoreReader } from '../../src/stores/open-store.ts'
import type { KeyLookup } from '../../src/stores/ports/key-store.ts'
import type { StoreLocation, StoreReader } from '../../src/stores/store.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { services } from '../../tools/services/catalog.ts'
import { findService } from '../../tools/services/find-program.ts'
import type { Claim } from '../harness/claim.ts'
import { shuffledNumbers } from '../harness/measure-loop.ts'
import type { Bench, Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const keyCounts = [1_000, 1_000_000] as const
const lookups = 20_000
const keysPerStatement = 50_000

interface Filled {
  readonly count: number
  readonly reader: StoreReader
  readonly p50s: number[]
  readonly p99s: number[]
}

/** One look-up of an API key that no cache holds, in a store of few and of many keys. */
export const keyLookup: Scenario = {
  name: 'key-lookup',
  title: 'API key look-up in the store, by keys held',
  async run(bench) {
    const sqlite = await measure(bench, async (count) => {
      const path = join(bench.folder, `keys-${count}.db`)
      return { kind: 'sqlite', path }
    })
    const program = findService(services.postgres)
    const server = program === undefined ? null : await startPostgres(program, ['shared_buffers=512MB'])
    try {
      const postgres =
        server === null
          ? null
          : await measure(bench, async () => ({ kind: 'postgres', url: await server.createDatabase() }))
      return {
        claims: [toClaim('SQLite', sqlite), toClaim('PostgreSQL', postgres)],
        table: [
          ['store', 'keys', 'p50 µs', 'p99 µs', 'range of p99'],
          ...toRows('SQLite', sqlite),
          ...toRows('PostgreSQL', postgres ?? []),
        ],
        notes: [
          `${lookups} look-ups one after the other per round, of keys in random order, as a gateway thread makes them.`,
          'PostgreSQL runs on this machine over loopback, with 512 MB of shared buffers.',
        ],
      }
    } finally {
      await server?.stop()
    }
  },
}

async function measure(bench: Bench, locate: (count: number) => Promise<StoreLocation>): Promise<Filled[]> {
  const stores: Filled[] = []
  try {
    for (const count of keyCounts) {
      const location = await locate(count)
      const store = await openStore(location)
      await store.close()
      await fill(location, count)
      stores.push({ count, reader: await openStoreReader(location), p50s: [], p99s: [] })
    }
    for (let round = -1; round < bench.rounds; round++) {
      for (const { count, reader, p50s, p99s } of stores) {
        const times = await timeLookups(reader.keys, count)
        // The first round only warms up.
        if (round < 0) continue
        p50s.push(times[Math.floor(times.length * 0.5)] as number)
        p99s.push(times[Math.floor(times.length * 0.99)] as number)
      }
    }
    return stores
  } finally {
    for (const { reader } of stores) await reader.close()
  }
}

/** Microseconds of each, sorted. */
async function timeLookups(keys: KeyLookup, count: number): Promise<Float64Array> {
  const order = shuffledNumbers(count, lookups)
  const times = new Float64Array(lookups)
  for (const [i, number] of order.entries()) {
    const startedAt = performance.now()
    const found = await keys.find(toId(number))
    times[i] = (performance.now() - startedAt) * 1000
    if (found === null) throw new Error(`no key ${toId(number)}`)
  }
  return times.sort()
}

const toId = (number: number) => `k${String(number).padStart(11, '0')}`

/** In bulk and from inside the database: a million keys in some seconds. The ids do not come in their order. */
async function fill(location: StoreLocation, count: number): Promise<void> {
  const series = (from: number, to: number) => `(select (i * 7919) % ${count} as n from ${rangeOf(location, from, to)})`
  const statements: string[] = []
  for (let from = 0; from < count; from += keysPerStatement) {
    const rows = series(from, Math.min(count, from + keysPerStatement))
    const id = location.kind === 'sqlite' ? `printf('k%011d', n)` : `'k' || lpad(n::text, 11, '0')`
    statements.push(
      `insert into api_keys (id, owner, roles, scopes, cidrs, created_at)
       select ${id}, 'shop', '["customer"]', '[]', '[]', 1 from ${rows} as s`,
      `insert into api_key_secrets (digest, key_id, generation, created_at)
       select ${digestOf(location)}, ${id}, 1, 1 from ${rows} as s`,
    )
  }
  if (location.kind === 'sqlite') {
    const database = new DatabaseSync(location.path)
    database.exec(`pragma synchronous = off; begin; ${statements.join(';')}; commit; analyze`)
    database.close()
  } else {
    const client = new pg.Client({ connectionString: location.url })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.query('vacuum analyze')
    await client.end()
  }
}

function rangeOf({ kind }: StoreLocation, from: number, to: number): string {
  if (kind === 'postgres') return `generate_series(${from}::bigint, ${to - 1}) as i`
  return `(with recursive r(i) as (select ${from} union all select i + 1 from r where i < ${to - 1}) select i from r)`
}

function digestOf({ kind }: StoreLocation): string {
  return kind === 'postgres' ? `encode(sha256(n::text::bytea), 'hex')` : `printf('%064d', n)`
}

function toClaim(name: string, stores: readonly Filled[] | null): Claim {
  const claim = {
    text: `key look-up p99 at 1 000 000 keys vs 1 000, ${name}`,
    must: { ratio: '<=', value: 1.5 },
  } as const
  if (stores === null) return { ...claim, got: null, why: 'postgres is not installed' }
  const [few, many] = stores as [Filled, Filled]
  return { ...claim, got: toSpread(pairedRatios(many.p99s, few.p99s)) }
}

function toRows(name: string, stores: readonly Filled[]): string[][] {
  return stores.map(({ count, p50s, p99s }) => {
    const { median, min, max } = toSpread(p99s)
    return [
      name,
      `${count}`,
      toSpread(p50s).median.toFixed(0),
      median.toFixed(0),
      `${min.toFixed(0)}–${max.toFixed(0)}`,
    ]
  })
}
