import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { Probe, ProbeExpectation, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import type { Coding } from '../../input/content-coding.ts'
import type { BodyLimitsOptions } from './options.ts'

/** A prober does not send more than this, nor pack a bomb that unpacks to more. */
const mostBytes = 32 * 1024 * 1024

export function createBodyLimitsProbes(options: BodyLimitsOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path } = target
  const honest: Probe = {
    name: 'an ordinary request passes',
    kind: 'honest',
    requests: [{ method, path }],
    expect: { outcome: 'passed' },
  }
  if (target.observe) return [honest]
  return [honest, ...createHeadProbes(options, target), ...createBodyProbes(options, target)]
}

function createHeadProbes(options: BodyLimitsOptions, { method, path }: ProbeTarget): Probe[] {
  const { maxUrlBytes, maxQueryParameters, maxHeaders, maxHeaderBytes } = options
  const tooLarge = refused('uri_too_long', 'headers_too_large')
  return [
    attack('a URL that is too long', { method, path, query: `a=${'x'.repeat(maxUrlBytes)}` }, tooLarge),
    attack(
      'too many query parameters',
      {
        method,
        path,
        query: Array(maxQueryParameters + 1)
          .fill('a')
          .join('&'),
      },
      refused('malformed_request', 'uri_too_long', 'headers_too_large'),
    ),
    attack(
      'too many header fields',
      { method, path, headers: Array.from({ length: maxHeaders + 1 }, (_, i) => [`x-probe-${i}`, '1'] as const) },
      refused('headers_too_large'),
    ),
    attack(
      'a header section that is too long',
      { method, path, headers: [['x-probe', 'x'.repeat(maxHeaderBytes)]] },
      refused('headers_too_large'),
    ),
  ]
}

function createBodyProbes(options: BodyLimitsOptions, { method, path }: ProbeTarget): Probe[] {
  if (method === 'HEAD') return []
  const { maxBytes, maxDecompressedBytes, encodings } = options
  const encoded = (coding: string, body: Uint8Array | string): ProbeRequest => ({
    method,
    path,
    headers: [
      ['content-type', 'application/octet-stream'],
      ['content-encoding', coding],
    ],
    body,
  })
  const probes = [
    attack(
      'several codings at once',
      encoded('gzip, gzip', gzipSync(gzipSync('x'))),
      refused('unsupported_media_type'),
    ),
  ]
  if (maxBytes < mostBytes) {
    const request = { method, path, body: { fillerBytes: maxBytes + 1 } }
    probes.push(attack('a body that is too long', request, refused('content_too_large')))
  }
  if (options.unsafeAllowUnknownEncodings === undefined) {
    probes.push(attack('an unknown coding', encoded('compress', 'x'), refused('unsupported_media_type')))
  }
  const [coding] = encodings
  if (coding !== undefined) {
    probes.push(attack('a broken compressed body', encoded(coding, 'not packed'), refused('malformed_request')))
    if (maxDecompressedBytes < mostBytes) {
      const bomb = pack(coding, Buffer.alloc(maxDecompressedBytes + 1))
      probes.push(attack('a body that unpacks to too much', encoded(coding, bomb), refused('content_too_large')))
    }
  }
  return probes
}

function attack(name: string, request: ProbeRequest, expect: ProbeExpectation): Probe {
  return { name: `${name} is refused`, kind: 'attack', standard: 'API4:2023', requests: [request], expect }
}

function refused(...problem: NonNullable<ProbeExpectation['problem']>[number][]): ProbeExpectation {
  return { outcome: 'refused', problem }
}

function pack(coding: Coding, bytes: Uint8Array): Uint8Array {
  switch (coding) {
    case 'gzip':
      return gzipSync(bytes)
    case 'deflate':
      return deflateSync(bytes)
    case 'br':
      return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
    case 'zstd':
      return zstdCompressSync(bytes)
  }
}
