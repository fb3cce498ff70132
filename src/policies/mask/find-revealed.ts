import type { Exchange } from '../../core/exchange.ts'
import type { PolicyDeps } from '../../core/policy.ts'
import { createReveal } from '../may-reveal.ts'
import type { MaskOptions } from './options.ts'

/** The names of what a caller sees: of `values` and of `fields`. */
export type FindRevealed = (exchange: Exchange) => ReadonlySet<string> | Promise<ReadonlySet<string>>

const nothing: ReadonlySet<string> = new Set()

export function createFindRevealed({ values, fields, reveal }: MaskOptions, deps: PolicyDeps): FindRevealed {
  if (reveal === undefined) return () => nothing
  const everything = [...Object.keys(values), ...Object.keys(fields)]
  const entries = reveal.map(({ what, ...to }) => ({ what: what ?? everything, may: createReveal(to, deps) }))
  return async ({ principal }) => {
    const revealed = new Set<string>()
    for (const { what, may } of entries) {
      if (await may(principal)) for (const name of what) revealed.add(name)
    }
    return revealed
  }
}
