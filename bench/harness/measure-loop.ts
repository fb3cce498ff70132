/** Nanoseconds per call of `run(i)` over at least `milliseconds`, in batches so that reading the clock costs nothing. */
export function measureLoop(milliseconds: number, run: (i: number) => unknown, batch = 1_000): number {
  const startedAt = performance.now()
  let calls = 0
  let elapsed = 0
  do {
    for (let end = calls + batch; calls < end; calls++) sink = run(calls)
    elapsed = performance.now() - startedAt
  } while (elapsed < milliseconds)
  return (elapsed * 1e6) / calls
}

/** Results go here, so that no call can be optimised away. */
export let sink: unknown = null

/** Numbers below `count` in an order that is the same in every run and that no prefetcher foresees. */
export function shuffledNumbers(count: number, length: number): Uint32Array {
  let state = 0x9e3779b9
  return Uint32Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % count
  })
}
