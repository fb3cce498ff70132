import { z } from 'zod'

/** Why something is less strict than it could be, for whoever reads the file next. */
export function reasonText() {
  return z.string().trim().min(1).max(500)
}
