/**
 * The fixed flow of every exchange. Configuration never reorders it; within a stage the order of the
 * policy registry holds. `stages.test.ts` fails when an entry moves.
 */
export const stages = [
  // First, so that no policy sees a path, header or address that an upstream could read differently.
  'intake',
  // Before any credential is looked at: what a flood must not pay for is an authentication.
  'guard',
  // Before `limit`, because a limit per principal must not be charged to a forged one.
  'authenticate',
  // Before `authorize`, so that guessing at permissions is limited too.
  'limit',
  // Before `validate`: who may not call at all learns nothing from the schema.
  'authorize',
  // Last before the upstream: the bytes that were checked are the bytes that are forwarded.
  'validate',
  'forward',
  // On every outcome, refusals and faults included: no answer leaves without its security headers.
  'respond',
  // After the answer has left, so that evidence never delays it.
  'record',
] as const

export type Stage = (typeof stages)[number]

/** The stages in which a policy decides about the request, in their order. */
export const requestStages = ['guard', 'authenticate', 'limit', 'authorize', 'validate'] as const satisfies Stage[]

export type RequestStage = (typeof requestStages)[number]
