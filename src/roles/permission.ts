/** `resource:action`: letters, digits and `_ . / -` on both sides, or `*` for every resource or every action. */
export const permissionPattern = /^(\*|[A-Za-z0-9][A-Za-z0-9_./-]{0,127}):(\*|[A-Za-z0-9][A-Za-z0-9_./-]{0,127})$/

/**
 * Every permission that covers this one: itself, and those with `*` in the place of its resource, its action or both.
 * `*` stands for a whole segment, never for a part of one. Holding `orders:read` never covers `orders:*`.
 */
export function toCovering(permission: string): readonly string[] {
  const [resource = '', action = ''] = permission.split(':')
  return [...new Set([permission, `${resource}:*`, `*:${action}`, '*:*'])]
}

/** Whether holding one permission is as good as holding the other. */
export function covers(held: string, wanted: string): boolean {
  return toCovering(wanted).includes(held)
}
