import type { ProbeExpectation } from '../core/probe.ts'
import type { Received } from './send-request.ts'

/** The field by which `forward` says that it was reached. */
export const proofField = 'portcullis-proof'

/** Whether an answer is what a probe expects: null when it is, else what is wrong with it. */
export function judge(received: Received, expect: ProbeExpectation): string | null {
  if (received.kind === 'closed') {
    // An attack that only gets the connection closed was refused too.
    const demanding = expect.status !== undefined || expect.problem !== undefined || expect.outcome === 'passed'
    return expect.outcome === 'refused' && !demanding ? null : `no answer: ${received.reason}`
  }
  const headers = toMap(received.headers)
  return (
    judgeOutcome(received.status, headers, expect) ??
    judgeProblem(received.body, headers, expect) ??
    judgeHeaders(headers, expect) ??
    judgeBody(received.body, headers, expect)
  )
}

/** The public code of a problem; null for every other answer. */
export function codeOf(received: Received): string | null {
  return received.kind === 'closed' ? null : problemOf(received.body, toMap(received.headers))
}

/** `403 forbidden` or `204`: an answer in a few characters. */
export function describe(received: Received): string {
  if (received.kind === 'closed') return 'closed'
  const code = problemOf(received.body, toMap(received.headers))
  if (code !== null) return `${received.status} ${code}`
  return isPassed(received.status, toMap(received.headers)) ? `${received.status} passed` : String(received.status)
}

function judgeOutcome(status: number, headers: ReadonlyMap<string, string>, expect: ProbeExpectation): string | null {
  if (expect.status !== undefined && !expect.status.includes(status)) return `status ${status}`
  const passed = isPassed(status, headers)
  if (expect.outcome === 'passed' && !passed) return `it was not forwarded (${status})`
  if (expect.outcome === 'refused' && passed) return 'it was forwarded'
  // A deployment that does not know the signed field forwards for real: whatever answers then is no refusal.
  if (expect.outcome === 'refused' && status < 400) return `it was answered ${status}`
  return null
}

function judgeProblem(body: string, headers: ReadonlyMap<string, string>, expect: ProbeExpectation): string | null {
  if (expect.problem === undefined) return null
  const code = problemOf(body, headers)
  return code !== null && (expect.problem as readonly string[]).includes(code) ? null : `problem ${code ?? 'missing'}`
}

function judgeHeaders(headers: ReadonlyMap<string, string>, expect: ProbeExpectation): string | null {
  for (const [name, wanted] of Object.entries(expect.headers ?? {})) {
    const value = headers.get(name.toLowerCase())
    if (wanted === null && value !== undefined) return `${name}: ${value}`
    if (typeof wanted === 'string' && value !== wanted) return `${name}: ${value ?? 'missing'}`
    if (wanted instanceof RegExp && (value === undefined || !wanted.test(value)))
      return `${name}: ${value ?? 'missing'}`
  }
  return null
}

function judgeBody(body: string, headers: ReadonlyMap<string, string>, expect: ProbeExpectation): string | null {
  if (expect.body === undefined) return null
  const { includes = [], excludes = [] } = expect.body
  // Of an answer that was never given, nothing could have been left out.
  if (expect.outcome === 'passed' && headers.get(proofField) !== 'answered') return 'the answer is not the probe’s'
  const lacking = includes.find((text) => !body.includes(text))
  if (lacking !== undefined) return `the body has no ${lacking}`
  const shown = excludes.find((text) => body.includes(text))
  return shown === undefined ? null : `the body shows ${shown}`
}

/** It reached `forward`, which answered with nothing or with what the probe brought. */
function isPassed(status: number, headers: ReadonlyMap<string, string>): boolean {
  const said = headers.get(proofField)
  return said === 'answered' || (said === 'forwarded' && status === 204)
}

function problemOf(body: string, headers: ReadonlyMap<string, string>): string | null {
  if (!(headers.get('content-type') ?? '').startsWith('application/problem+json')) return null
  try {
    const { type } = JSON.parse(body) as { type?: unknown }
    const match = typeof type === 'string' ? /^urn:problem-type:([a-z-]+)$/.exec(type) : null
    return match === null ? null : (match[1] as string).replaceAll('-', '_')
  } catch {
    return null
  }
}

function toMap(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase()
    const before = map.get(name)
    map.set(name, before === undefined ? (flat[i + 1] as string) : `${before}, ${flat[i + 1]}`)
  }
  return map
}
