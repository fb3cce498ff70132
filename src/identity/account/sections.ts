import { peoplePaths } from '../endpoints.ts'
import type { IdentityOptions } from '../options.ts'
import { toPasskeySite } from '../passkeys/options.ts'
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
  {
    title: 'factors.title',
    path: peoplePaths.factors,
    offered: ({ secondFactor }) => secondFactor !== 'off',
  },
  { title: 'connections.title', path: peoplePaths.connections, offered: ({ providers }) => providers !== undefined },
  { title: 'account.passkeys', path: peoplePaths.passkeys, offered: (options) => toPasskeySite(options) !== null },
  { title: 'data.title', path: peoplePaths.data, offered: () => true },
]
