import type { ConnectionView } from '../../identity/federation/connection-view.ts'

export function formatConnection({ provider, subject, email, roles, usedAt }: ConnectionView): string {
  const given = roles.length === 0 ? '' : ` with roles ${roles.join(' ')}`
  return `${provider} ${email ?? subject}${given} (last ${usedAt})`
}
