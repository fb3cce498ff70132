import type { AnyPolicy } from '../core/policy.ts'
import { abac } from './abac/index.ts'
import { answerTypes } from './answer-types/index.ts'
import { apiKey } from './api-key/index.ts'
import { basic } from './basic/index.ts'
import { bodyLimits } from './body-limits/index.ts'
import { browserLogin } from './browser-login/index.ts'
import { cors } from './cors/index.ts'
import { csrf } from './csrf/index.ts'
import { dpop } from './dpop/index.ts'
import { encryptFields } from './encrypt-fields/index.ts'
import { errorMasking } from './error-masking/index.ts'
import { establishSession } from './establish-session/index.ts'
import { graphql } from './graphql/index.ts'
import { httpSignature } from './http-signature/index.ts'
import { injection } from './injection/index.ts'
import { introspection } from './introspection/index.ts'
import { ipAccess } from './ip-access/index.ts'
import { jwt } from './jwt/index.ts'
import { logBodies } from './log-bodies/index.ts'
import { mask } from './mask/index.ts'
import { mtls } from './mtls/index.ts'
import { objectRules } from './object-rules/index.ts'
import { rateLimit } from './rate-limit/index.ts'
import { rbac } from './rbac/index.ts'
import { securityHeaders } from './security-headers/index.ts'
import { session } from './session/index.ts'
import { stepUp } from './step-up/index.ts'
import { structureLimits } from './structure-limits/index.ts'
import { uploads } from './uploads/index.ts'
import { upstreamIdentity } from './upstream-identity/index.ts'
import { validate } from './validate/index.ts'

/**
 * Every policy there is. Within a stage, hooks run in this order: what is cheap and refuses most stands first, and
 * `security-headers` stands last so that it has the last word on every answer.
 */
const registry = [
  ipAccess,
  cors,
  bodyLimits,
  rateLimit,
  apiKey,
  jwt,
  introspection,
  basic,
  mtls,
  httpSignature,
  dpop,
  session,
  browserLogin,
  csrf,
  establishSession,
  stepUp,
  rbac,
  abac,
  objectRules,
  structureLimits,
  graphql,
  uploads,
  validate,
  injection,
  upstreamIdentity,
  encryptFields,
  answerTypes,
  errorMasking,
  mask,
  logBodies,
  securityHeaders,
] as const satisfies readonly AnyPolicy[]

export const policies: readonly AnyPolicy[] = registry

/** The policies with the types of their options, for `defineConfig()`. */
export type KnownPolicy = (typeof registry)[number]
