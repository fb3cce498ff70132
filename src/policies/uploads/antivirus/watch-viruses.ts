import type { PolicyDeps } from '../../../core/policy.ts'
import { type Finding, finding, type Watch } from '../finding.ts'
import { createClamdScanner } from './clamd-scanner.ts'
import type { AntivirusSettings } from './options.ts'
import type { Verdict } from './scanner.ts'

/** Makes the watch of one file; `requestId` is for the log. */
export type WatchViruses = (requestId: string) => Watch

/** Has files scanned. One scanner for each thread, kept over reloads that do not change it. */
export function createVirusWatch(settings: AntivirusSettings, deps: PolicyDeps): WatchViruses {
  const scanner = deps.shared(`antivirus:${JSON.stringify(settings)}`, () => createClamdScanner(settings))
  const count = (result: Verdict['kind']) =>
    deps.meter.counter('portcullis_uploads_scanned_total', 'Files that the virus scanner was asked about', { result })
  const counters = { clean: count('clean'), infected: count('infected'), failed: count('failed') }
  const tooLarge = finding(
    'uploads_too_large',
    'antivirus',
    `at most ${settings.maxBytes} bytes of a file that is scanned`,
  )

  function judge(verdict: Verdict, requestId: string): Finding | null {
    counters[verdict.kind].add()
    const { route } = deps
    switch (verdict.kind) {
      case 'clean':
        return null
      case 'infected':
        deps.log.warn('upload_infected', { requestId, route: route.id, signature: verdict.signature })
        return finding('uploads_infected', 'antivirus', 'a file in which no malware is found')
      case 'failed':
        deps.log.error('antivirus_failed', {
          requestId,
          route: route.id,
          reason: verdict.reason,
          onFailure: settings.onFailure,
        })
        return settings.onFailure === 'allow'
          ? null
          : finding('uploads_unscanned', 'antivirus', 'a scanner that answers')
    }
  }

  return (requestId) => {
    const scan = scanner.open()
    let bytes = 0
    let over = false

    function finish(verdict: Verdict): Finding | null {
      over = true
      scan.close()
      return judge(verdict, requestId)
    }

    return {
      async write(chunk) {
        if (over) return null
        bytes += chunk.length
        if (bytes > settings.maxBytes) {
          over = true
          scan.close()
          return settings.largerFiles === 'pass' ? null : tooLarge
        }
        const verdict = await scan.write(chunk)
        return verdict === null ? null : finish(verdict)
      },
      async end() {
        return over ? null : finish(await scan.end())
      },
      close: () => scan.close(),
    }
  }
}
