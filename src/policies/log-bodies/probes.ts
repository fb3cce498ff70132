import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import type { LogBodiesOptions } from './options.ts'

const withBodies = new Set(['POST', 'PUT', 'PATCH', 'QUERY'])

/**
 * What goes into a log cannot be seen from outside, so no request proves that the policy is there. What can be proven is
 * that it stands in nobody's way: neither of ordinary requests, nor of bodies that are hard to read.
 */
export function createLogBodiesProbes(options: LogBodiesOptions, { method, path }: ProbeTarget): readonly Probe[] {
  const ordinary: Probe = {
    name: 'an ordinary request passes',
    kind: 'honest',
    requests: [{ method, path }],
    expect: { outcome: 'passed' },
  }
  if (!options.request || !withBodies.has(method)) return [ordinary]
  const hard = hardBodies(options.maxBytes).map(([type, body]): ProbeRequest => {
    return { method, path, headers: [['content-type', type]], body }
  })
  return [
    ordinary,
    {
      name: 'bodies that are hard to read are no fault of the server',
      kind: 'honest',
      standard: 'v5.0.0-16.4.1',
      requests: hard,
      // They pass, or another policy refuses them by what they are.
      expect: { status: [204, 400, 413, 415, 422], judge: 'every' },
    },
  ]
}

function hardBodies(maxBytes: number): (readonly [type: string, body: string | Uint8Array])[] {
  return [
    ['application/json', '{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}'],
    ['application/json', `${'['.repeat(2000)}${']'.repeat(2000)}`],
    ['application/json', '{"cut":"off'],
    ['application/json', `{"long":"${'x'.repeat(maxBytes)}"}`],
    ['application/json', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['application/x-www-form-urlencoded', 'a=%ff%00&&=&%=%'],
    ['application/xml', '<a b="c><![CDATA['],
    ['text/plain; charset=utf-16', Buffer.from('text', 'utf16le')],
  ]
}
