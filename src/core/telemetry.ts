import { definePort } from './ports.ts'

/** The log as policies see it: an event name and fields; secrets are redacted behind it. */
export interface PolicyLog {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}

/**
 * What the log itself looks for in everything that it is given. For policies that log texts whose form they know better
 * than the log does. All are linear in the length of what they are given.
 */
export interface Redactor {
  /** Whether a value under this name is a secret, whatever it looks like. */
  isSecretName(name: string): boolean
  /** The same for a parameter of a query or a form. */
  isSecretParameter(name: string): boolean
  /** Cuts what looks like a secret out of a text. */
  redactText(text: string): string
}

export const redactorPort = definePort<Redactor>('redactor')

export interface Counter {
  add(value?: number): void
}

/** The metrics as policies see them. Labels are fixed when the instrument is made, so their values stay bounded. */
export interface Meter {
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Counter
  /** Read when metrics are scraped. */
  gauge(name: string, help: string, read: () => number, labels?: Readonly<Record<string, string>>): void
  /** A counter whose count its owner keeps anyway; read when metrics are scraped. */
  total(name: string, help: string, read: () => number, labels?: Readonly<Record<string, string>>): void
}

export const silentLog: PolicyLog = Object.freeze({ info() {}, warn() {}, error() {} })

export const silentMeter: Meter = Object.freeze({ counter: () => ({ add() {} }), gauge() {}, total() {} })
