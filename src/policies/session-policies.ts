const policies = new Set(['session', 'browser-login'])

/** Whether a credential policy identifies callers by the cookie of a session of ours, which browsers add by themselves. */
export function isSessionPolicy(name: string | null | undefined): boolean {
  return policies.has(name ?? '')
}
