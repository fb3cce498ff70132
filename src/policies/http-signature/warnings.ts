import type { PolicyWarning } from '../../core/policy.ts'
import { findUncovered } from './coverage.ts'
import type { HttpSignatureOptions } from './options.ts'

export function createWarnings({ components, replay }: HttpSignatureOptions): readonly PolicyWarning[] {
  const items = components.map((value) => ({ value, parameters: new Map() }))
  const left = ['@method', '@target-uri'].filter((name) => findUncovered({ items, parameters: new Map() }, [name]))
  return [
    ...left.map((name) => ({
      text: `signatures need not cover \`${name}\`: who sees a signed request can send another one with its signature`,
      reason: null,
    })),
    ...(replay === 'allow' ? [{ text: 'a signed request is taken as often as it is sent', reason: null }] : []),
  ]
}
