/**
 * A copy that inherits nothing, so that `constructor` satisfies no schema that asks for it, and what a library changes
 * is seen by no other policy. The depth is bounded by what read the value.
 */
export function ownCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ownCopy)
  const copy = Object.create(null) as Record<string, unknown>
  for (const [name, member] of Object.entries(value)) copy[name] = ownCopy(member)
  return copy
}
