import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRouter } from '../../gateway/router.ts'
import { findConflicts } from './conflicts.ts'
import { type PathPattern, parsePathPattern } from './path-pattern.ts'
import { toRouteId } from './route-id.ts'

/** Few values, so that routes meet often; those in upper case and those with escapes make paths fold. */
const segment = fc.constantFrom('a', 'A', 'b%20', 'B%20', '{x}', '{y}', 'x~')
const path = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '', '/**', '/{rest*}', '/'))
  .map(([segments, end]) => `${segments.map((text) => `/${text}`).join('')}${end}` || '/')
const route = fc.record({
  path,
  methods: fc.constantFrom([], ['GET'], ['POST'], ['GET', 'POST'], ['HEAD']),
  hosts: fc.constantFrom([], ['a.test'], ['*.test'], ['a.test', 'b.test']),
})

const rests = ['v1~', 'v1~/v2~/v3~/v4~/v5~', '']

/** Paths that the pattern matches, with values that no fixed segment has. */
function toSamples(pattern: PathPattern): string[] {
  return rests.map((rest) => {
    const texts = pattern.segments.map((one) => {
      if (one.kind === 'literal') return one.text
      return one.kind === 'rest' ? rest : 'v0~'
    })
    return `/${texts.join('/')}`
  })
}

test('the gateway reaches every route that configuration accepts', () => {
  let accepted = 0
  fc.assert(
    fc.property(fc.array(route, { minLength: 1, maxLength: 6 }), (written) => {
      const routes = written.flatMap((one) => {
        const pattern = parsePathPattern(one.path, false)
        if ('message' in pattern) return []
        const id = toRouteId(one.hosts, one.methods, one.path)
        return [{ ...one, id, pattern, position: null, broughtBy: null, allowEncodedSlash: false }]
      })
      if (findConflicts(routes.map((one) => ({ ...one, path: [] }))).length > 0) return
      accepted++
      const router = createRouter(routes)
      for (const one of routes) {
        const hosts = one.hosts.length === 0 ? ['other.invalid'] : one.hosts.map((host) => host.replace('*', 'c'))
        const methods = one.methods.length === 0 ? ['PUT'] : one.methods
        const answers = hosts.flatMap((host) =>
          methods.flatMap((method) =>
            toSamples(one.pattern).map((sample) => {
              const found = router.find(method, host, sample, false)
              return found.kind === 'route' ? found.route.id : found.kind
            }),
          ),
        )
        assert.ok(answers.includes(one.id), `${one.id} is hidden by ${answers.join(', ')}`)
      }
    }),
    { numRuns: 2000 },
  )
  assert.ok(accepted > 200, `only ${accepted} sets of routes were accepted`)
})
