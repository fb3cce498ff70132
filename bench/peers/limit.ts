/** Per client and minute: so high that nothing is refused, and that every contender answers every request. */
export const limitPerMinute = 10_000_000
