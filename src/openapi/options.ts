import { z } from 'zod'

/** A document beside the policy file, or below its folder. */
export function documentFile() {
  return z.string().min(1).max(1024)
}

export function basePath() {
  return z
    .string()
    .regex(/^\/[A-Za-z0-9._~!$&'()+,=:@%/-]*$/, { error: 'must be a path such as /v1' })
    .max(1024)
}
