import { peoplePaths } from '../endpoints.ts'
import type { IdentityOptions } from '../options.ts'
import type { TextKey } from '../texts/en.ts'

/** A page that the account page leads to. */
export interface AccountSection {
  readonly title: TextKey
  /** Below the issuer's path. */
  readonly path: string
  readonly offered: (options: IdentityOptions) => boolean
}

export const accountSections: readonly AccountSection[] = [
  { title: 'sessions.title', path: peoplePaths.sessions, offered: () => true },
  { title: 'applications.title', path: peoplePaths.applications, offered: () => true },
  { title: 'account.password', path: peoplePaths.password, offered: ({ mail }) => mail !== undefined },
  { title: 'data.title', path: peoplePaths.data, offered: () => true },
]
