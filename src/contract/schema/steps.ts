/** References that are followed for one value: alternatives that refer to themselves could double at each level. */
const most = 200_000

/** What is left for the value that is being judged. Judging never waits, so there is one value at a time. */
export const steps = { left: most }

export class StepsExceeded extends Error {}

export function countSteps<T>(judge: () => T, limit = most): T {
  steps.left = limit
  return judge()
}

export function exceed(): never {
  throw new StepsExceeded('the value takes too many steps to judge')
}
