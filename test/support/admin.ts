import { type IncomingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps, type RequestOptions as TlsRequestOptions } from 'node:https'
import type { TestContext } from 'node:test'
import { type AdminListener, type AdminListenerOptions, openAdminListener } from '../../src/admin/admin-listener.ts'
import { adminLimits } from '../../src/admin/limits.ts'
import type { PolicyLog } from '../../src/core/telemetry.ts'
import { Metrics } from '../../src/observe/metrics.ts'

export const adminToken = 'a-token-for-tests-that-is-long-enough-0123456789'

export interface TestAdmin extends AdminListener {
  readonly port: number
  readonly events: { readonly event: string; readonly fields: unknown }[]
  /** How often the metrics were read. */
  readonly readings: () => number
  /** A metric's value, all series added up; `labels` picks some of them. */
  metric(name: string, labels?: Readonly<Record<string, string>>): number
}

/** A listener that is closed with the test; timeouts are as short as tests need them. */
export async function openTestAdmin(
  t: TestContext,
  { limits, ...options }: Partial<Omit<AdminListenerOptions, 'limits'>> & { limits?: Partial<typeof adminLimits> } = {},
): Promise<TestAdmin> {
  const events: TestAdmin['events'] = []
  const note = (event: string, fields: unknown) => void events.push({ event, fields })
  const log: PolicyLog = { info: note, warn: note, error: note }
  const meter = new Metrics()
  let readings = 0
  const { readMetrics = async () => '# HELP up_total x\n' } = options
  const listener = await openAdminListener({
    host: '127.0.0.1',
    port: 0,
    names: [],
    certificates: null,
    metricsToken: adminToken,
    isReady: () => true,
    log,
    meter,
    limits: { ...adminLimits, requestMs: 400, ...limits },
    ...options,
    readMetrics: () => {
      readings++
      return readMetrics()
    },
  })
  t.after(() => listener.close())
  return {
    ...listener,
    port: Number(new URL(listener.url).port),
    events,
    readings: () => readings,
    metric: (name, labels = {}) =>
      (meter.toJson().find((metric) => metric.name === name)?.values ?? [])
        .filter((series) => Object.entries(labels).every(([label, value]) => series.labels[label] === value))
        .reduce((sum, { value }) => sum + value, 0),
  }
}

export interface AdminAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request on a connection of its own. */
export function ask(url: string, options: TlsRequestOptions = {}): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? requestHttps : requestHttp)(
      url,
      { agent: false, ...options },
      (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end()
  })
}

export const withToken = (token = adminToken) => ({ headers: { authorization: `Bearer ${token}` } })
