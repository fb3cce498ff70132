import pino from 'pino'
import type { PolicyLog } from '../core/telemetry.ts'
import type { LogStream } from './log-stream.ts'
import type { LogOptions } from './options.ts'
import { redactValue } from './redact.ts'

/** The log of events: one JSON line each, redacted by name and by look. */
export function createEventLog(stream: LogStream, level: LogOptions['level'], thread: string): PolicyLog {
  const logger = pino(
    { level, base: { thread }, messageKey: 'event', timestamp: pino.stdTimeFunctions.epochTime },
    stream,
  )
  const write =
    (method: 'info' | 'warn' | 'error') =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (logger.isLevelEnabled(method)) logger[method](redactValue(fields) as object, event)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}
