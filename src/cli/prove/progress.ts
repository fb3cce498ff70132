import type { ProveListener } from '../../runtime/prove/options.ts'
import { explainResult } from '../../scanner/table.ts'

export interface Progress extends ProveListener {
  /** Leaves the terminal as it was. */
  end(): void
}

/** As much of a stream as this needs. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ProgressOptions {
  /** Where other lines are written to the same terminal. */
  readonly lineByLine?: boolean | undefined
  /** Milliseconds that only ever rise. */
  readonly now?: () => number
}

/** A log shows that it goes on, without being about little else. */
const everyMs = 15_000
/** All of them stand in the report as well. */
const maxFailures = 20
/** More often nobody sees. */
const redrawMs = 80
const clear = '\r\x1b[2K'

/**
 * Tells people who wait how far it is: one line that changes on a terminal; elsewhere a line now and then, and each failure
 * when it is found.
 */
export function createProgress(stream: ProgressStream, options: ProgressOptions = {}): Progress {
  const { lineByLine = false, now = () => performance.now() } = options
  const changes = stream.isTTY === true && process.env.TERM !== 'dumb' && !lineByLine
  const counts = { pass: 0, fail: 0, skip: 0 }
  let percent = 0
  let toldAt = changes ? Number.NEGATIVE_INFINITY : now()
  let shown = false

  function draw(what: string, always = false): void {
    if (!always && now() - toldAt < (changes ? redrawMs : everyMs)) return
    toldAt = now()
    const failed = counts.fail === 0 ? '' : `, ${counts.fail} failed`
    const line = `${String(percent).padStart(3)} %  ${counts.pass} passed${failed}  ${what}`
    if (!changes) stream.write(`prove: ${line.trim()}\n`)
    // A line that wraps could not be taken back.
    else stream.write(clear + [...line].slice(0, Math.max(20, (stream.columns || 80) - 1)).join(''))
    shown = changes
  }

  return {
    advances(done, total) {
      percent = total === 0 ? 0 : Math.floor((99 * done) / total)
    },
    tries({ route, policy, probe }) {
      draw(`${route} ${policy}: ${probe}`)
    },
    waits(seconds) {
      draw(`waiting ${seconds} s for a limit that is used up`, true)
    },
    found(result) {
      counts[result.verdict]++
      if (changes || result.verdict !== 'fail' || counts.fail > maxFailures + 1) return
      const text = counts.fail > maxFailures ? 'further failures are told at the end' : explainResult(result)
      stream.write(`prove: ${text}\n`)
    },
    end() {
      if (shown) stream.write(clear)
      shown = false
    },
  }
}
