/** How long this thread computed for something, in milliseconds: what else the machine does is not counted. */
export function measureCpu(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}

/** Below it the system's way of counting, in ticks, would tell more than the work. */
const measurableMs = 2

/** What one run costs, in milliseconds: the least of some rounds, as what is slower was disturbed. */
export function measureLeastCpu(work: () => unknown, rounds = 3): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    let [ms, runs] = [0, 0]
    while (ms < measurableMs) {
      ms += measureCpu(work)
      runs++
    }
    least = Math.min(least, ms / runs)
  }
  return least
}
