import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { MaskOptions } from './options.ts'

/**
 * What an upstream answers cannot be made up from outside, so no request proves what is masked. What can be proven is
 * that nobody gets around it by what is asked for, and that it stands in nobody's way.
 */
export function createProbes(_options: MaskOptions, { method, path }: ProbeTarget): readonly Probe[] {
  return [
    {
      name: 'a request for a part, compressed, passes as one for the whole',
      kind: 'honest',
      standard: 'v5.0.0-14.2.6',
      requests: [
        {
          method,
          path,
          headers: [
            ['range', 'bytes=0-9'],
            ['accept-encoding', 'br, gzip'],
          ],
        },
      ],
      expect: { outcome: 'passed' },
    },
  ]
}
