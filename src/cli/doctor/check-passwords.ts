import { formatBytes, formatDuration } from '../../core/units.ts'
import type { Calibration } from '../../crypto/passwords/calibrate.ts'
import type { HashParameters } from '../../crypto/passwords/parameters.ts'
import type { Checkup } from './checkup.ts'

const name = 'passwords'

/** What to write into the policy file so that one log-in takes the time that was asked for. */
export function checkPasswords(
  { parameters, takesMs, minimumTakesMs }: Calibration,
  targetMs: number,
  present: HashParameters,
): Checkup {
  const { memoryKiB, passes } = parameters
  const took = `${Math.round(takesMs)} ms here`
  const memory = formatBytes(memoryKiB * 1024)
  const advised = `passwords: { argon2id: { memory: ${memory}, passes: ${passes} } }`
  const target = formatDuration(targetMs)
  if (takesMs > targetMs * 1.2) {
    const text = `the least that is allowed takes ${took}, longer than ${target}: log-ins will be slow on this machine`
    return { name, state: 'warn', text }
  }
  if (present.algorithm !== 'argon2id') {
    return {
      name,
      state: 'warn',
      text: `the file has ${present.algorithm}; Argon2id withstands more: ${advised} takes ${took}`,
    }
  }
  if (present.memoryKiB * present.passes >= memoryKiB * passes * 0.5) {
    return { name, state: 'ok', text: `Argon2id as the file has it suits ${target}; ${advised} takes ${took}` }
  }
  const now = Math.round((minimumTakesMs * present.memoryKiB * present.passes) / (19_456 * 2))
  return {
    name,
    state: 'ok',
    text: `one hash takes about ${now} ms; for ${target}, write ${advised}, which takes ${took}`,
  }
}
