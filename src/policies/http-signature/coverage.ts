import type { InnerList } from './structured-field.ts'

/** Components that together say the same as one. */
const standIns: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '@target-uri': [
    ['@authority', '@path', '@query'],
    ['@authority', '@request-target'],
  ],
  '@authority': [['@target-uri']],
  '@path': [['@target-uri'], ['@request-target']],
  '@query': [['@target-uri'], ['@request-target']],
  '@scheme': [['@target-uri']],
}

/** The first required component that a signature does not cover; null where it covers all. */
export function findUncovered({ items }: InnerList, required: readonly string[]): string | null {
  // With parameters it is something else: a part of a field, say.
  const covered = new Set(items.map(({ value, parameters }) => (parameters.size === 0 ? value : null)))
  const isCovered = (name: string) =>
    covered.has(name) || (standIns[name] ?? []).some((names) => names.every((one) => covered.has(one)))
  return required.find((name) => !isCovered(name)) ?? null
}
