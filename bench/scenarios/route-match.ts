import { createRouter } from '../../src/gateway/router.ts'
import { measureLoop, shuffledNumbers } from '../harness/measure-loop.ts'
import type { Scenario } from '../harness/scenario.ts'
import { pairedRatios, toSpread } from '../harness/statistics.ts'

const routeCounts = [10, 10_000] as const
const milliseconds = 300

/** Finding the route of a request among few and many. */
export const routeMatch: Scenario = {
  name: 'route-match',
  title: 'Route match, by number of routes',
  async run(bench) {
    const routers = routeCounts.map((count) => {
      const router = createRouter(Array.from({ length: count }, (_, i) => defineRoute(i)))
      const paths = Array.from(shuffledNumbers(count, 1 << 16), toPath)
      for (const path of paths.slice(0, 1_000)) {
        if (router.find('GET', 'api.example.com', path, false).kind !== 'route') throw new Error(`no route for ${path}`)
      }
      return { router, paths, samples: [] as number[] }
    })
    for (let round = -1; round < bench.rounds; round++) {
      for (const { router, paths, samples } of routers) {
        const nanoseconds = measureLoop(milliseconds, (i) =>
          router.find('GET', 'api.example.com', paths[i & (paths.length - 1)] as string, false),
        )
        // The first round only warms up.
        if (round >= 0) samples.push(nanoseconds)
      }
    }
    const [few, many] = routers as [(typeof routers)[0], (typeof routers)[0]]
    return {
      claims: [
        {
          text: 'route match at 10 000 routes vs 10',
          must: { ratio: '<=', value: 2 },
          got: toSpread(pairedRatios(many.samples, few.samples)),
        },
      ],
      table: [
        ['routes', 'ns per match', 'range'],
        ...routers.map(({ samples }, i) => {
          const { median, min, max } = toSpread(samples)
          return [`${routeCounts[i]}`, median.toFixed(0), `${min.toFixed(0)}–${max.toFixed(0)}`]
        }),
      ],
      notes: ['One in two routes has a parameter, as the routes of APIs do; paths are asked for in random order.'],
    }
  },
}

function defineRoute(i: number) {
  const path = i % 2 === 0 ? `/services/s${i}/orders/{id}` : `/services/s${i}/status`
  return { id: `GET ${path}`, hosts: [], methods: ['GET'], path, allowEncodedSlash: false }
}

function toPath(i: number): string {
  return i % 2 === 0 ? `/services/s${i}/orders/${i}` : `/services/s${i}/status`
}
