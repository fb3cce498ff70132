import type { FieldPairs } from '../../core/decision.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import { createAddressCheck } from './ip-access.ts'
import type { IpAccessOptions } from './options.ts'

/**
 * A prober cannot call from somebody else's address, so what it shows is that its own address is judged as the lists
 * say and that no forwarding field it makes up changes that.
 */
export function createIpAccessProbes(options: IpAccessOptions, target: ProbeTarget): readonly Probe[] {
  if (target.address === undefined || target.address === null) return []
  const { method, path } = target
  const refused = createAddressCheck(options)(target.address).kind === 'refuse'
  if (!refused) {
    return [
      {
        name: 'an allowed address passes',
        kind: 'honest',
        requests: [{ method, path }],
        expect: { outcome: 'passed' },
      },
    ]
  }
  if (target.observe) return []
  const allowed = options.allow[0]?.replace(/\/.*$/, '') ?? '127.0.0.1'
  const expect = {
    outcome: 'refused',
    problem: [options.status === 'hidden' ? 'not_found' : 'forbidden'],
    judge: 'every',
  } as const
  return [
    { name: 'a refused address stays out', kind: 'attack', requests: [{ method, path }], expect },
    {
      name: 'a forged forwarding field does not let a refused address in',
      kind: 'attack',
      standard: 'RFC 7239 section 8.1',
      requests: forgedFields(allowed).map((headers) => ({ method, path, headers })),
      expect,
    },
  ]
}

function forgedFields(address: string): FieldPairs[] {
  const node = address.includes(':') ? `"[${address}]"` : address
  return [
    [['x-forwarded-for', address]],
    [['forwarded', `for=${node}`]],
    [['x-real-ip', address]],
    [['true-client-ip', address]],
    [['cf-connecting-ip', address]],
  ]
}
