/** A concrete path that matches a pattern: `/orders/{id}` → `/orders/probe`. */
export function toSamplePath(pattern: string): string {
  return pattern.replace(/\{[^}]+\}/g, 'probe').replace(/\*\*$/, 'probe')
}
