import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RateLimitSpec, RateTable, TakeResult } from '../../src/stores/ports/rate-table.ts'

/** A table under test with the time that it goes by. */
export interface RateTableUnderTest {
  readonly table: RateTable
  /** The same counts as another thread or machine reaches them. */
  readonly other: RateTable
  now(): number
  /** Lets time pass; a table that keeps its own time really waits. */
  advance(ms: number): void | Promise<void>
  close(): void | Promise<void>
}

/** What every implementation of the port keeps to. */
export function testRateTable(name: string, open: () => RateTableUnderTest | Promise<RateTableUnderTest>): void {
  const spec: RateLimitSpec = { id: 'orders', limit: 5, windowMs: 1000, burst: 5 }

  function check(title: string, run: (under: RateTableUnderTest, take: Take) => Promise<void>): void {
    test(title, async () => {
      const under = await open()
      try {
        const take: Take = async (key, { cost = 1, of = spec, through = under.table } = {}) => {
          const result = through.open(of).take(key, cost, under.now())
          // Copied before anything else runs, as the port asks for.
          return result instanceof Promise ? { ...(await result) } : { ...result }
        }
        await run(under, take)
      } finally {
        await under.close()
      }
    })
  }

  describe(`the rate table contract: ${name}`, () => {
    check('a burst of exactly the limit passes, the next request does not', async (_, take) => {
      const burst = []
      for (let i = 0; i < 5; i++) burst.push(await take('a'))
      assert.deepEqual(
        burst.map(({ admitted }) => admitted),
        [true, true, true, true, true],
      )
      assert.deepEqual(
        burst.map(({ remaining }) => remaining),
        [4, 3, 2, 1, 0],
      )
      const refused = await take('a')
      assert.equal(refused.admitted, false)
      assert.equal(refused.remaining, 0)
      assert.ok(refused.waitMs > 0 && refused.waitMs <= 200, `${refused.waitMs} ms`)
    })

    check('after the time that it names, one request passes again, and only one', async (under, take) => {
      for (let i = 0; i < 5; i++) await take('a')
      const { waitMs } = await take('a')
      await under.advance(waitMs)
      assert.equal((await take('a')).admitted, true)
      assert.equal((await take('a')).admitted, false)
    })

    check('whole times are told as such', async (_, take) => {
      for (const limit of [1, 2, 3, 4, 5, 6, 7, 9, 100, 600]) {
        const result = await take('a', { of: { id: 'hourly', limit, windowMs: 3_600_000, burst: limit } })
        const expected = Math.ceil(3_600_000 / limit)
        // A table with a clock of its own may have seen a moment pass.
        assert.ok(result.waitMs <= expected && result.waitMs > expected - 50, `${limit}: ${result.waitMs} ms`)
      }
    })

    check('a whole window restores the burst and no more', async (under, take) => {
      for (let i = 0; i < 9; i++) await take('a')
      await under.advance(1500)
      let admitted = 0
      for (let i = 0; i < 9; i++) if ((await take('a')).admitted) admitted++
      assert.equal(admitted, 5)
    })

    check('what is refused costs nothing', async (under, take) => {
      for (let i = 0; i < 5; i++) await take('a')
      for (let i = 0; i < 50; i++) assert.equal((await take('a')).admitted, false)
      await under.advance(200)
      assert.equal((await take('a')).admitted, true)
    })

    check('a cost is taken whole or not at all', async (_, take) => {
      assert.equal((await take('a', { cost: 3 })).remaining, 2)
      const refused = await take('a', { cost: 3 })
      assert.deepEqual([refused.admitted, refused.remaining], [false, 2])
      assert.equal((await take('a', { cost: 2 })).admitted, true)
    })

    check('a cost above the burst never passes and takes nothing', async (_, take) => {
      assert.equal((await take('a', { cost: 6 })).admitted, false)
      assert.equal((await take('a', { cost: 5 })).admitted, true)
    })

    check('a burst below the limit is refilled at the rate of the limit', async (under, take) => {
      const of = { ...spec, burst: 2 }
      const admitted = async () => [await take('a', { of }), await take('a', { of }), await take('a', { of })]
      assert.deepEqual(
        (await admitted()).map((result) => result.admitted),
        [true, true, false],
      )
      await under.advance(200)
      assert.equal((await take('a', { of })).admitted, true)
      assert.equal((await take('a', { of })).admitted, false)
    })

    check('keys and limits are counted apart', async (_, take) => {
      for (let i = 0; i < 6; i++) await take('a')
      assert.equal((await take('b')).remaining, 4)
      assert.equal((await take('a', { of: { ...spec, id: 'search' } })).remaining, 4)
      assert.equal((await take('a', { of: { ...spec, limit: 6 } })).remaining, 4)
      assert.equal((await take('a')).admitted, false)
    })

    check('equal limits share their counts, whoever opened them', async (under, take) => {
      for (let i = 0; i < 3; i++) await take('a')
      assert.equal((await take('a', { through: under.other })).remaining, 1)
      assert.equal((await take('a', { of: { ...spec } })).remaining, 0)
      assert.equal((await take('a', { through: under.other })).admitted, false)
    })

    check('what comes at once is admitted up to the limit', async (under, take) => {
      const through = (i: number) => (i % 2 === 0 ? under.table : under.other)
      const results = await Promise.all(Array.from({ length: 40 }, (_, i) => take('a', { through: through(i) })))
      assert.equal(results.filter(({ admitted }) => admitted).length, 5)
    })

    check('long windows and high rates are counted as well', async (under, take) => {
      const daily = { id: 'daily', limit: 3, windowMs: 86_400_000, burst: 3 }
      for (let i = 0; i < 3; i++) assert.equal((await take('a', { of: daily })).admitted, true)
      const refused = await take('a', { of: daily })
      assert.equal(refused.admitted, false)
      assert.ok(refused.waitMs > 28_790_000 && refused.waitMs <= 28_800_000, `${refused.waitMs} ms`)
      const fast = { id: 'fast', limit: 100_000, windowMs: 1000, burst: 100_000 }
      const counter = under.table.open(fast)
      for (let i = 0; i < 100; i++) await counter.take('a', 1000, under.now())
      assert.ok((await take('a', { of: fast })).remaining < 100_000)
    })

    check('keys of any text are kept apart', async (_, take) => {
      const keys = ['', '\0', '\0\0', 'a', 'A', 'ä', 'a\u0308', '\u{1f512}', 'a'.repeat(20_000), 'a'.repeat(20_001)]
      for (const key of keys) assert.equal((await take(key)).remaining, 4, JSON.stringify(key.slice(0, 8)))
    })

    check('it tells how much it holds', async (under, take) => {
      await take('a')
      const stats = under.table.stats()
      assert.ok(stats.capacity > 0)
      assert.deepEqual([stats.evictions, stats.overflows, stats.rejections], [0, 0, 0])
    })
  })
}

type Take = (
  key: string,
  options?: { readonly cost?: number; readonly of?: RateLimitSpec; readonly through?: RateTable },
) => Promise<TakeResult>
