import { definePolicy } from '../../core/policy.ts'
import { sessionsBlock } from '../sessions-block.ts'
import { codes } from './codes.ts'
import { compose } from './compose.ts'
import { judgeSessions } from './judge-sessions.ts'
import { logoutEndpointId } from './logout.ts'
import { mint } from './mint.ts'
import { options } from './options.ts'
import { createProbes } from './probes.ts'
import { createSession } from './session.ts'
import { createWarnings } from './warnings.ts'

export const session = definePolicy({
  name: 'session',
  summary: 'Identifies people by the cookie of a session that is kept on the server',
  kind: 'credential',
  options,
  blocks: { sessions: sessionsBlock },
  judges: { sessions: judgeSessions },
  codes,
  warnings: createWarnings,
  compose,
  create: createSession,
  endpoints: ({ logout }) =>
    logout === undefined
      ? []
      : [
          {
            id: logoutEndpointId,
            path: logout.path,
            methods: ['POST'],
            reason: 'ends the session of whoever calls it',
          },
        ],
  mint,
  probes: createProbes,
})
