import { userInfo } from 'node:os'

/** Who changes something by hand, for the audit trail: whom the machine says they are. */
export function readActor(): string {
  return `cli:${readUserName()}`
}

function readUserName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a number that nobody has named.
    return String(process.getuid?.() ?? 'unknown')
  }
}
