/** Where something stands in the policy file: the keys and indices that lead to it. */
export type KeyPath = readonly (string | number)[]

/** Whether an error is about a key itself or about what stands under it. */
export type Part = 'key' | 'value'

/** `['routes', 2, 'rateLimit']` → `routes[2].rateLimit`. */
export function toPathText(path: KeyPath): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')
}

/** What stands at a path of plain data; undefined where nothing does. */
export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}
