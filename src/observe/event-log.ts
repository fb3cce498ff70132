import pino from 'pino'
import type { PolicyLog } from '../core/telemetry.ts'
import { toAscii } from './json-text.ts'
import { maxLineBytes } from './line-length.ts'
import type { LogStream } from './log-stream.ts'
import type { LogOptions } from './options.ts'
import { redactValue, type ValueLimits } from './redact-value.ts'

/** What of the fields is written: the first of these with which the line is not too long. The last one always fits. */
const limits: readonly ValueLimits[] = [
  { depth: 6, entries: 500, textLength: 4096 },
  { depth: 6, entries: 100, textLength: 1024 },
  { depth: 4, entries: 40, textLength: 160 },
  { depth: 1, entries: 4, textLength: 48 },
]

/** The log of events: one JSON line each, redacted by name and by look. */
export function createEventLog(
  stream: Pick<LogStream, 'write'>,
  level: LogOptions['level'],
  thread: string,
): PolicyLog {
  let line = ''
  const logger = pino(
    { level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.epochTime },
    {
      write(text) {
        line = toAscii(text)
      },
    },
  )
  const write =
    (method: 'info' | 'warn' | 'error') =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (!logger.isLevelEnabled(method)) return
      // A name of the line itself may stand in it once only.
      const { level: _level, time: _time, event: _event, ...own } = fields
      for (const [attempt, limit] of limits.entries()) {
        const cut = attempt === 0 ? {} : { cut: true }
        logger[method](redactValue({ ...cut, thread, ...own }, limit) as object, event)
        if (line.length <= maxLineBytes) break
      }
      stream.write(line)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
