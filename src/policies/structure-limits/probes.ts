import type { Probe, ProbeExpectation, ProbeTarget } from '../../core/probe.ts'
import type { StructureLimitsOptions } from './options.ts'

/** A prober does not send larger documents than this. */
const mostMembers = 20_000

export function createProbes(options: StructureLimitsOptions, target: ProbeTarget): readonly Probe[] {
  const { method, path, observe } = target
  const honest: Probe = {
    name: 'a request without a query or body passes',
    kind: 'honest',
    requests: [{ method, path }],
    expect: { outcome: 'passed' },
  }
  if (observe) return [honest]
  const queries = createQueryProbes(options, target)
  return method === 'GET' || method === 'HEAD'
    ? [honest, ...queries]
    : [honest, ...queries, ...createBodyProbes(options, target)]
}

const malformed: ProbeExpectation = { outcome: 'refused', problem: ['malformed_request'] }
const tooMuch: ProbeExpectation = { outcome: 'refused', problem: ['invalid_content', 'content_too_large'] }
const type: ProbeExpectation = { outcome: 'refused', problem: ['unsupported_media_type'] }

function createQueryProbes({ query }: StructureLimitsOptions, { method, path }: ProbeTarget): Probe[] {
  const attack = (name: string, text: string, expect: ProbeExpectation): Probe => ({
    name: `${name} is refused`,
    kind: 'attack',
    standard: 'v5.0.0-15.3.7',
    requests: [{ method, path, query: text }],
    expect,
  })
  const longName = 'p'.repeat(query.maxNameLength + 1)
  return [
    attack('a parameter twice', 'portcullis-probe=1&portcullis-probe=2', malformed),
    attack('a parameter as a value and as a list', 'portcullis-probe=1&portcullis-probe[]=2', malformed),
    attack('a parameter hidden behind a semicolon', 'portcullis-probe=1&x=1;portcullis-probe=2', malformed),
    attack('a broken escape', 'portcullis-probe=%zz', malformed),
    ...(query.allowControls ? [] : [attack('a NUL in a parameter', 'portcullis-probe=a%00b', malformed)]),
    ...(query.maxNameLength < 2000
      ? [
          attack("a parameter's name that is too long", `${longName}=1`, {
            outcome: 'refused',
            problem: ['invalid_content', 'uri_too_long'],
          }),
        ]
      : []),
  ]
}

function createBodyProbes(options: StructureLimitsOptions, { method, path }: ProbeTarget): Probe[] {
  const { json, multipart, xml, types } = options
  const attack = (name: string, media: string | null, body: string | Uint8Array, expect: ProbeExpectation): Probe[] => {
    const essence = media?.split(';')[0] ?? ''
    const isTaken = types === undefined || types.includes(essence) || types.includes(`${essence.split('/')[0]}/*`)
    return [
      {
        name: `${name} is refused`,
        kind: 'attack',
        standard: 'v5.0.0-15.3.5',
        requests: [{ method, path, headers: media === null ? [] : [['content-type', media]], body }],
        expect: isTaken || media === null ? expect : type,
      },
    ]
  }
  const toJson = 'application/json'
  const part = (fields: string) => `--b\r\n${fields}\r\n\r\nx\r\n`
  const field = 'Content-Disposition: form-data; name="f"'
  const members = Array.from({ length: json.maxMembers + 1 }, (_, i) => `"${i}":0`).join(',')
  return [
    ...attack('a body without a type', null, '{}', type),
    ...attack('JSON in UTF-16', 'application/json; charset=utf-16', '{}', type),
    ...attack(
      'JSON that is nested too deep',
      toJson,
      '['.repeat(json.maxDepth + 1) + ']'.repeat(json.maxDepth + 1),
      tooMuch,
    ),
    ...attack('a member twice, once with an escape', toJson, '{"a":1,"\\u0061":2}', malformed),
    ...attack('JSON that is not UTF-8', toJson, Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), malformed),
    ...attack('JSON that is cut off', toJson, '{"a":', malformed),
    ...attack('half a surrogate pair', toJson, '["\\ud800"]', malformed),
    ...attack('a number that no program holds', toJson, '[1e999999999]', tooMuch),
    ...(json.allowControls ? [] : attack('a NUL in JSON', toJson, '["\\u0000"]', malformed)),
    ...json.forbiddenNames
      .slice(0, 3)
      .flatMap((name) => attack(`the member ${name}`, toJson, `{${JSON.stringify(name)}:{"isAdmin":true}}`, malformed)),
    ...(json.maxMembers > mostMembers ? [] : attack('JSON with too many members', toJson, `{${members}}`, tooMuch)),
    ...attack('a form with a name twice', 'application/x-www-form-urlencoded', 'probe=1&probe[]=2', malformed),
    ...attack(
      'a part without a name',
      'multipart/form-data; boundary=b',
      `${part('Content-Disposition: form-data')}--b--`,
      malformed,
    ),
    ...attack(
      'a boundary that some servers see',
      'multipart/form-data; boundary=b',
      `--b\r\n${field}\r\n\r\nx\n--b\r\n${field}; filename="a.php"\r\n\r\ny\r\n--b--`,
      malformed,
    ),
    ...(multipart.maxParts >= 1000
      ? []
      : attack(
          'too many parts',
          'multipart/form-data; boundary=b',
          `${Array.from({ length: multipart.maxParts + 1 }, (_, i) => part(`${field.slice(0, -1)}${i}"`)).join('')}--b--`,
          tooMuch,
        )),
    ...attack(
      'XML with a document type',
      'application/xml',
      '<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
      xml === 'refuse' ? type : malformed,
    ),
  ]
}
