import { BoundedCache } from '../core/bounded-cache.ts'
import type { Exchange, Outcome } from '../core/exchange.ts'
import type { Fields } from '../core/fields.ts'
import type { Principal } from '../core/principal.ts'
import { quote } from './json-text.ts'
import { maxLineBytes } from './line-length.ts'
import type { LogStream } from './log-stream.ts'
import type { LogOptions } from './options.ts'
import { headOf, redactQuery, redactText } from './redact.ts'
import { isSecretName } from './secret-names.ts'

/** @param endedAt monotonic milliseconds, as `exchange.startedAt` */
export type RecordExchange = (exchange: Exchange, outcome: Outcome, endedAt: number) => void

/** How much of a text that somebody else chose is written: usually, and where the line would be too long. */
const maxTextLength = 1024
const shortTextLength = 80
const maxHeaderLength = 512
const maxObserved = 16
/** User agents and media types repeat: what they come to is remembered. */
const rememberedHeaders = { maxEntries: 2048, maxKeyLength: 256 * 1024 }
const maxRememberedLength = 256

/**
 * Writes a line per exchange. The line is put together by hand: it is on the path of every request, and its form is
 * fixed. Nothing of it comes from a credential; texts that a caller chose are redacted.
 */
export function createAccessLog(
  stream: Pick<LogStream, 'write'>,
  options: Pick<LogOptions, 'headers'>,
): RecordExchange {
  const toHeadersText = createHeadersText(options.headers)

  return (exchange, outcome, endedAt) => {
    const ms = toTenths(endedAt - exchange.startedAt)
    let line = compose(exchange, outcome, ms, maxTextLength) + toHeadersText(exchange.headers)
    // The line is ASCII: characters are bytes.
    if (line.length > maxLineBytes - 2) line = `${compose(exchange, outcome, ms, shortTextLength)},"cut":true`
    stream.write(`${line}}\n`)
  }
}

function compose(exchange: Exchange, outcome: Outcome, ms: string, maxLength: number): string {
  const { principal, refusal, client } = exchange
  const text = (value: string): string => quoteHead(value, maxLength)
  let line = `{"level":30,"time":${exchange.receivedAt},"event":"access","requestId":"${exchange.id}","client":${text(client.address)}`
  if (client.peer !== client.address) line += `,"peer":${text(client.peer)}`
  line += `,"method":${text(exchange.method)},"scheme":"${exchange.scheme}","httpVersion":"${exchange.httpVersion}","host":${text(exchange.host)},"path":${text(cleanPath(exchange.path, maxLength))}`
  if (exchange.query !== '') line += `,"query":${text(redactQuery(headOf(exchange.query, maxLength)))}`
  line += `,"route":${text(exchange.route.id)},"status":${outcome.status},"bytes":${outcome.bytesSent},"ms":${ms}`
  if (exchange.forwardedAt !== 0) {
    line += `,"policyMs":${toTenths(exchange.forwardedAt - exchange.startedAt)}`
    if (exchange.answeredAt !== 0) line += `,"upstreamMs":${toTenths(exchange.answeredAt - exchange.forwardedAt)}`
  }
  if (exchange.target !== null) line += `,"target":${text(exchange.target)}`
  if (principal !== null) line += callerText(principal, maxLength)
  if (refusal !== null) {
    line += `,"decision":"refused","code":${text(refusal.code)}`
    if (exchange.decidedBy !== null) line += `,"policy":${text(exchange.decidedBy)}`
    if (refusal.detail !== undefined) line += `,"detail":${text(redactText(headOf(refusal.detail, maxLength)))}`
  } else if (exchange.decidedBy !== null) line += `,"decision":"replied","policy":${text(exchange.decidedBy)}`
  // Redirects to HTTPS, answered by the gateway itself.
  else line += exchange.forwardedAt === 0 ? ',"decision":"replied"' : ',"decision":"forwarded"'
  if (exchange.observed !== null) line += `,"observed":${JSON.stringify(exchange.observed.slice(0, maxObserved))}`
  if (exchange.reasons !== null) line += `,"reasons":${text(exchange.reasons.join(' '))}`
  if (outcome.aborted) line += ',"aborted":true'
  if (exchange.fault !== null) line += `,"fault":${text(redactText(headOf(toText(exchange.fault), maxLength)))}`
  return line
}

/** By principal, because those of credentials that come again are one and the same object. */
const callers = new WeakMap<Principal, string>()

function callerText(principal: Principal, maxLength: number): string {
  const known = maxLength === maxTextLength ? callers.get(principal) : undefined
  if (known !== undefined) return known
  const text = (value: string): string => quoteHead(value, maxLength)
  const { policy, id, environment } = principal.credential
  let written = `,"principal":${text(principal.id)},"issuer":${text(principal.issuer)},"credential":${text(`${policy}:${id}`)}`
  if (environment !== undefined) written += `,"environment":${text(environment)}`
  if (maxLength === maxTextLength) callers.set(principal, written)
  return written
}

/** Prepares the part of the line that holds the chosen fields. */
function createHeadersText(chosen: readonly string[]): (headers: Fields) => string {
  const names = chosen.filter((name) => !isSecretName(name))
  const labels = names.map((name) => `${quote(name)}:`)
  const remembered = new BoundedCache<string>(rememberedHeaders)

  function write(value: string): string {
    const known = remembered.get(value)
    if (known !== undefined) return known
    const written = quoteHead(redactText(headOf(value, maxHeaderLength)), maxHeaderLength)
    if (value.length <= maxRememberedLength) remembered.set(value, written)
    return written
  }

  return (headers) => {
    const { flat } = headers
    let text = ''
    let seen = 0
    for (let i = 0; i < flat.length; i += 2) {
      const at = names.indexOf(flat[i] as string)
      if (at === -1) continue
      // A name may stand in the line once only.
      if ((seen & (1 << at)) !== 0) continue
      seen |= 1 << at
      const value = isRepeated(flat, i) ? headers.all(flat[i] as string).join(', ') : (flat[i + 1] as string)
      text += `${text === '' ? ',"headers":{' : ','}${labels[at]}${write(value)}`
    }
    return text === '' ? '' : `${text}}`
  }
}

function isRepeated(flat: readonly string[], at: number): boolean {
  for (let i = at + 2; i < flat.length; i += 2) if (flat[i] === flat[at]) return true
  return false
}

/** The beginning of a text, where it is long; an escape may take six characters for one. */
function quoteHead(text: string, maxLength: number): string {
  const quoted = quote(cutAt(text, maxLength))
  return quoted.length <= 2 * maxLength + 2 ? quoted : quote(cutAt(text, Math.floor(maxLength / 3)))
}

function cutAt(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text
}

/** Paths hold ids, rarely secrets: only long ones are looked at, and those that name something. */
function cleanPath(path: string, maxLength: number): string {
  return path.length < 16 && !path.includes('=') ? path : redactText(headOf(path, maxLength))
}

function toText(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault)
}

/** Milliseconds with one decimal. Of two small integers, because making a text of a fraction takes several times as long. */
function toTenths(ms: number): string {
  const tenths = Math.round(ms * 10)
  const whole = Math.floor(tenths / 10)
  return `${whole}.${tenths - whole * 10}`
}
