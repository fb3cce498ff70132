import { hashWith } from './derive.ts'
import { type Argon2Parameters, maximums, minimums } from './parameters.ts'

/** What was measured on this machine. */
export interface Calibration {
  readonly parameters: Argon2Parameters
  /** How long one hash with them takes here, nothing else running, in milliseconds. */
  readonly takesMs: number
  /** How long one takes with the minimum. */
  readonly minimumTakesMs: number
}

/** More memory is dearer for attackers than more passes, and this is what a server has for a few log-ins at once. */
const wantedMemoryKiB = 65_536

/**
 * Finds Argon2id parameters that take about `targetMs` on this machine, and never less than the minimum: memory first,
 * up to 64 MiB, then passes. It blocks for some seconds at most.
 * @param measure how long one hash takes; a test brings its own
 */
export function calibrateArgon2(targetMs: number, measure = measureHash): Calibration {
  const minimum = minimums.argon2id
  const minimumTakesMs = measure(minimum)
  // Both count about linearly, so that one measurement foretells the others.
  const work = (minimum.memoryKiB * minimum.passes * targetMs) / minimumTakesMs
  const memoryKiB = clamp(Math.floor(work / minimum.passes / 1024) * 1024, minimum.memoryKiB, wantedMemoryKiB)
  const most = Math.min(maximums.passes, Math.floor(maximums.work / memoryKiB))
  let parameters: Argon2Parameters = {
    ...minimum,
    memoryKiB,
    passes: clamp(Math.floor(work / memoryKiB), minimum.passes, most),
  }
  let takesMs = measure(parameters)
  while (takesMs > targetMs && parameters.passes > minimum.passes) {
    parameters = { ...parameters, passes: parameters.passes - 1 }
    takesMs = measure(parameters)
  }
  if (takesMs > targetMs && parameters.memoryKiB > minimum.memoryKiB) {
    const fitting = Math.floor((parameters.memoryKiB * targetMs) / takesMs / 1024) * 1024
    parameters = { ...parameters, memoryKiB: clamp(fitting, minimum.memoryKiB, parameters.memoryKiB) }
    takesMs = measure(parameters)
  }
  return { parameters, takesMs, minimumTakesMs }
}

const rounds = 3

/** The quickest of a few: whatever else the machine does only makes it slower. */
function measureHash(parameters: Argon2Parameters): number {
  const password = Buffer.from('correct horse battery staple')
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now()
    hashWith(parameters, password)
    return performance.now() - startedAt
  })
  return Math.min(...times)
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value))
}
