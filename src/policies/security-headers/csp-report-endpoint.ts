import { refuse, reply } from '../../core/decision.ts'
import type { EndpointHandler, PolicyDeps } from '../../core/policy.ts'
import type { ProblemCodes } from '../../core/problems.ts'
import type { Counter } from '../../core/telemetry.ts'
import { type CspReport, parseReports, parseReportType, reportDirectives } from './csp-report.ts'

/** The endpoint's id, and its name in `Reporting-Endpoints`. */
export const reportEndpointName = 'csp-reports'

export const reportCodes = {
  csp_report_type: {
    public: 'unsupported_media_type',
    meaning: 'Something other than a CSP report was sent to `reportPath`.',
  },
  csp_report_invalid: { public: 'malformed_request', meaning: 'A CSP report could not be read.' },
} as const satisfies ProblemCodes

const maxReportBytes = 64 * 1024
/** Anybody can send reports, so a flood of them must not fill the log; all are counted. */
const loggedPerMinute = 60

/** Takes browsers' reports: counts all of them, logs the first ones of each minute, and answers 204. */
export function createReportEndpoint(deps: PolicyDeps): EndpointHandler {
  const sink = deps.shared('security-headers:reports', () => createReportSink(deps))
  return async (exchange) => {
    const format = parseReportType(exchange.headers.get('content-type'))
    if (format === null) return refuse('csp_report_type')
    const body = await exchange.body.collect(maxReportBytes)
    if ('kind' in body) return body
    const reports = parseReports(format, body)
    if (reports === null) return refuse('csp_report_invalid')
    for (const report of reports) sink.take(report, exchange.client.address)
    return reply(204)
  }
}

interface ReportSink {
  take(report: CspReport, client: string): void
}

function createReportSink({ log, meter, now }: PolicyDeps): ReportSink {
  const counters = new Map<string, Counter>(
    reportDirectives.map((directive) => [
      directive,
      meter.counter('portcullis_csp_reports_total', 'Violations that browsers reported', { directive }),
    ]),
  )
  let minute = -1
  let logged = 0
  return {
    take(report, client) {
      counters.get(report.directive)?.add()
      const current = Math.floor(now() / 60_000)
      if (current !== minute) {
        minute = current
        logged = 0
      }
      logged++
      if (logged <= loggedPerMinute) log.warn('csp_report', { client, ...report })
      else if (logged === loggedPerMinute + 1) log.warn('csp_reports_muted', { untilEndOf: 'the minute' })
    },
  }
}
