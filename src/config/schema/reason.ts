import { z } from 'zod'

/** Why something is less strict than it could be, for whoever reads the file next; shown on one line. */
export function reasonText() {
  return z
    .string()
    .overwrite((text) => text.replace(/\s+/g, ' '))
    .trim()
    .min(1)
    .max(500)
}
