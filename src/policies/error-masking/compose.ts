import type { Composition } from '../../core/policy.ts'
import type { ErrorMaskingOptions } from './options.ts'

export function compose(inherited: ErrorMaskingOptions, own: ErrorMaskingOptions): Composition {
  return own.replace === 'all' || inherited.replace === 'leaks' ? 'tighter' : 'looser'
}
