import type { CheckContext, PolicyWarning } from '../../core/policy.ts'
import type { AntivirusSettings } from './antivirus/options.ts'
import type { UploadsOptions } from './options.ts'

export function listWarnings(options: UploadsOptions, { block }: CheckContext): readonly PolicyWarning[] {
  const warnings: PolicyWarning[] = []
  if (options.unsafeAllowActive !== undefined) {
    const text = 'uploads: scripts in SVG and PDF, macros and code in archives pass'
    warnings.push({ text, reason: options.unsafeAllowActive.reason })
  }
  const types = [options.types ?? [], ...Object.values(options.fields ?? {}).map((field) => field.types ?? [])].flat()
  if (types.includes('application/x-7z-compressed')) {
    warnings.push({
      text: 'uploads: nothing looks into 7z archives: bombs, links and programs in them pass',
      reason: null,
    })
  }
  const antivirus = options.antivirus ? block<AntivirusSettings | undefined>('antivirus') : undefined
  if (antivirus?.onFailure === 'allow') {
    warnings.push({ text: 'uploads: while the virus scanner gives no verdict, files pass unscanned', reason: null })
  }
  if (antivirus?.largerFiles === 'pass') {
    warnings.push({ text: 'uploads: files that are longer than `antivirus.maxBytes` pass unscanned', reason: null })
  }
  return warnings
}
