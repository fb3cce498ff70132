/**
 * Shares one reading among all who ask while it is under way, and for a while after: however many scrape, and however
 * often, the gateway threads are asked once in `lifetimeMs`. A reading that fails is not kept.
 */
export function createSharedReading<T>(
  read: () => Promise<T>,
  lifetimeMs: number,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let current: Promise<T> | null = null
  let goodUntil = Number.POSITIVE_INFINITY
  return () => {
    if (current !== null && now() < goodUntil) return current
    goodUntil = Number.POSITIVE_INFINITY
    const reading = read().then(
      (value) => {
        goodUntil = now() + lifetimeMs
        return value
      },
      (error: unknown) => {
        current = null
        throw error
      },
    )
    current = reading
    return reading
  }
}
