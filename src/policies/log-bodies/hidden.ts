/** What stands in the place of a secret; the log itself writes the same. */
export const hidden = '[redacted]'
