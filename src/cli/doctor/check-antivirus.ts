import type { Snapshot } from '../../config/snapshot.ts'
import { createClamdScanner } from '../../policies/uploads/antivirus/clamd-scanner.ts'
import type { AntivirusSettings } from '../../policies/uploads/antivirus/options.ts'
import type { Checkup } from './checkup.ts'

const name = 'antivirus'

/** Whether ClamAV's daemon judges a file; nothing where the policy file names none. */
export async function checkAntivirus({ blocks }: Pick<Snapshot, 'blocks'>): Promise<Checkup[]> {
  const settings = blocks.antivirus as AntivirusSettings | undefined
  if (settings === undefined) return []
  const scan = createClamdScanner({ ...settings, timeout: Math.min(settings.timeout, 5000) }).open()
  await scan.write(Buffer.from('a file that holds nothing bad'))
  const verdict = await scan.end()
  if (verdict.kind !== 'failed') return [{ name, state: 'ok', text: `${settings.clamd} judges files` }]
  const becomes = settings.onFailure === 'allow' ? 'uploads pass unscanned' : 'uploads are refused (503)'
  const advice = 'Is clamd running, are its signatures there, and may this user use its socket?'
  return [{ name, state: 'fail', text: `${settings.clamd}: ${verdict.reason}; ${becomes}. ${advice}` }]
}
