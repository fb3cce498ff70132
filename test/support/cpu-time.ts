/** How long this thread computed for something, in milliseconds: what else the machine does is not counted. */
export function measureCpu(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
