import type { PolicyWarning } from '../../core/policy.ts'
import type { ApiKeyOptions } from './options.ts'

export function createWarnings({ query }: ApiKeyOptions): readonly PolicyWarning[] {
  if (query === undefined) return []
  return [{ text: `API keys may stand in the URL (\`${query}\`), where browsers and proxies keep them`, reason: null }]
}
