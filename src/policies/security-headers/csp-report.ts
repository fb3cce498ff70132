/** What is kept of a browser's report: enough to find the place, without queries, fragments or samples of the page. */
export interface CspReport {
  /** One of the standard's names, else `other`: the label that reports are counted under. */
  readonly directive: string
  readonly blocked: string
  readonly document: string
  readonly source: string
  readonly line: number | null
  /** `enforce` or `report`. */
  readonly disposition: string
}

export type ReportFormat = 'csp-report' | 'reports'

/** The most reports that are read from one request. */
const maxReports = 20

/** The label values of the counter. */
export const reportDirectives = [
  ...['base-uri', 'child-src', 'connect-src', 'default-src', 'font-src', 'form-action', 'frame-ancestors', 'frame-src'],
  ...['img-src', 'manifest-src', 'media-src', 'object-src', 'require-trusted-types-for', 'script-src'],
  ...['script-src-attr', 'script-src-elem', 'style-src', 'style-src-attr', 'style-src-elem', 'trusted-types'],
  ...['worker-src', 'other'],
] as const

const knownDirectives: ReadonlySet<string> = new Set(reportDirectives)

/** `report-uri` sends `application/csp-report`, `report-to` sends `application/reports+json`; null for anything else. */
export function parseReportType(contentType: string | undefined): ReportFormat | null {
  switch (contentType?.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'application/csp-report':
      return 'csp-report'
    case 'application/reports+json':
      return 'reports'
    default:
      return null
  }
}

/** Reads the reports of a request; null when the body is not what its type says. Anybody can send these. */
export function parseReports(format: ReportFormat, body: Uint8Array): CspReport[] | null {
  const parsed = parseJson(body)
  if (format === 'csp-report') {
    const report = readMember(parsed, 'csp-report')
    return isRecord(report) ? [fromCspReport(report)] : null
  }
  if (!Array.isArray(parsed)) return null
  const reports: CspReport[] = []
  for (const entry of parsed.slice(0, maxReports)) {
    const report = readMember(entry, 'body')
    if (readMember(entry, 'type') === 'csp-violation' && isRecord(report)) reports.push(fromReportingApi(report))
  }
  return reports
}

function fromCspReport(report: Readonly<Record<string, unknown>>): CspReport {
  return {
    directive: toDirective(report['effective-directive'] ?? report['violated-directive']),
    blocked: toPlace(report['blocked-uri']),
    document: toPlace(report['document-uri']),
    source: toPlace(report['source-file']),
    line: toLine(report['line-number']),
    disposition: report.disposition === 'report' ? 'report' : 'enforce',
  }
}

function fromReportingApi(report: Readonly<Record<string, unknown>>): CspReport {
  return {
    directive: toDirective(report.effectiveDirective),
    blocked: toPlace(report.blockedURL),
    document: toPlace(report.documentURL),
    source: toPlace(report.sourceFile),
    line: toLine(report.lineNumber),
    disposition: report.disposition === 'report' ? 'report' : 'enforce',
  }
}

function toDirective(value: unknown): string {
  const name = typeof value === 'string' ? (value.trim().split(' ', 1)[0] as string).toLowerCase() : ''
  return knownDirectives.has(name) ? name : 'other'
}

/** Scheme, host and path: queries and fragments may carry tokens. Keywords such as `inline` stay. */
function toPlace(value: unknown): string {
  if (typeof value !== 'string' || value === '') return ''
  if (/^[a-z-]{1,30}$/.test(value)) return value
  const url = URL.parse(value)
  if (url === null) return 'unreadable'
  const place = url.protocol === 'http:' || url.protocol === 'https:' ? `${url.origin}${url.pathname}` : url.protocol
  return place.slice(0, 200)
}

function toLine(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return null
  }
}

function readMember(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
