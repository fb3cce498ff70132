import type { Exchange, Outcome } from '../core/exchange.ts'
import type { LogStream } from './log-stream.ts'
import type { LogOptions } from './options.ts'
import { isSecretName, redactQuery, redactText } from './redact.ts'

export type RecordExchange = (exchange: Exchange, outcome: Outcome) => void

/**
 * Writes a line per exchange. The line is put together by hand: it is on the path of every request, and its form is
 * fixed. Nothing of it comes from a credential; texts that a caller chose are redacted.
 */
export function createAccessLog(stream: LogStream, options: Pick<LogOptions, 'headers'>): RecordExchange {
  const names = options.headers.filter((name) => !isSecretName(name))
  const labels = names.map((name) => `${JSON.stringify(name)}:`)

  return (exchange, outcome) => {
    const now = performance.now()
    const { principal, refusal, headers } = exchange
    let line = `{"level":30,"time":${exchange.receivedAt},"event":"access","requestId":"${exchange.id}","client":${quote(exchange.client.address)}`
    if (exchange.client.peer !== exchange.client.address) line += `,"peer":${quote(exchange.client.peer)}`
    line += `,"method":${quote(exchange.method)},"scheme":"${exchange.scheme}","httpVersion":"${exchange.httpVersion}","host":${quote(exchange.host)},"path":${quote(cleanPath(exchange.path))}`
    if (exchange.query !== '') line += `,"query":${quote(redactQuery(exchange.query))}`
    line += `,"route":${quote(exchange.route.id)},"status":${outcome.status},"bytes":${outcome.bytesSent},"ms":${toTenths(now - exchange.startedAt)}`
    if (exchange.forwardedAt !== 0) {
      line += `,"policyMs":${toTenths(exchange.forwardedAt - exchange.startedAt)}`
      if (exchange.answeredAt !== 0) line += `,"upstreamMs":${toTenths(exchange.answeredAt - exchange.forwardedAt)}`
    }
    if (exchange.target !== null) line += `,"target":${quote(exchange.target)}`
    if (principal !== null) {
      line += `,"principal":${quote(principal.id)},"issuer":${quote(principal.issuer)},"credential":${quote(`${principal.credential.policy}:${principal.credential.id}`)}`
    }
    if (refusal !== null) {
      line += `,"decision":"refused","code":${quote(refusal.code)}`
      if (exchange.decidedBy !== null) line += `,"policy":${quote(exchange.decidedBy)}`
      if (refusal.detail !== undefined) line += `,"detail":${quote(redactText(refusal.detail))}`
    } else if (exchange.decidedBy !== null) line += `,"decision":"replied","policy":${quote(exchange.decidedBy)}`
    else line += ',"decision":"forwarded"'
    if (exchange.observed !== null) line += `,"observed":${JSON.stringify(exchange.observed)}`
    if (outcome.aborted) line += ',"aborted":true'
    if (exchange.fault !== null) line += `,"fault":${quote(redactText(toText(exchange.fault)))}`
    line += writeHeaders(headers.flat, names, labels)
    stream.write(`${line}}\n`)
  }
}

function writeHeaders(flat: readonly string[], names: readonly string[], labels: readonly string[]): string {
  let text = ''
  for (let i = 0; i < flat.length; i += 2) {
    const at = names.indexOf(flat[i] as string)
    if (at === -1) continue
    const value = flat[i + 1] as string
    text += `${text === '' ? ',"headers":{' : ','}${labels[at]}${quote(redactText(value.length > 512 ? value.slice(0, 512) : value))}`
  }
  return text === '' ? '' : `${text}}`
}

/** Paths hold ids, rarely secrets: only long ones are looked at. */
function cleanPath(path: string): string {
  return path.length < 24 ? path : redactText(path)
}

function toText(fault: unknown): string {
  return fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault)
}

/** Milliseconds with one decimal. */
function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** A JSON string; most texts need no escapes. */
function quote(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x22 || code === 0x5c || code > 0x7e) return JSON.stringify(text)
  }
  return `"${text}"`
}
