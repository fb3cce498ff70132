import { gzipSync } from 'node:zlib'
import type { Probe, ProbeRequest, ProbeSample, ProbeTarget } from '../../core/probe.ts'
import type { PublicCode } from '../../core/problems.ts'
import { createRuleTable, type FileRules } from './file-rules.ts'
import type { UploadsOptions } from './options.ts'
import { createPng, samples } from './probes/samples.ts'
import { createZip } from './probes/zip-sample.ts'
import { type TypeName, toFileType } from './types/file-types.ts'

/** A prober does not send more than this. */
const mostBytes = 4 * 1024 * 1024
const program = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(57)])

const bodyless = ['GET', 'HEAD', 'DELETE', 'OPTIONS']

/** A file as a probe sends it; `null` for the name of a body that is one file. */
interface Sent {
  readonly bytes: Buffer
  readonly type: string
  readonly name: string
}

/** Sends files to one place: a field, or the whole body. */
interface Place {
  readonly what: string
  readonly rules: FileRules
  readonly send: (...files: Sent[]) => ProbeRequest
}

export function createProbes(options: UploadsOptions, target: ProbeTarget): readonly Probe[] {
  if (bodyless.includes(target.method)) return []
  const places = listPlaces(options, target)
  const honest = places.flatMap((place) => [...place.rules.types].map((type) => createHonest(type, place)))
  if (target.observe) return honest
  return [...honest, ...places.flatMap((place) => createAttacks(options, place)), ...createNameAttacks(places)]
}

/** A file that passes, for the honest requests of other policies. */
export function createSample(options: UploadsOptions, target: ProbeTarget): ProbeSample | null {
  if (bodyless.includes(target.method)) return null
  for (const place of listPlaces(options, target)) {
    const [type] = place.rules.types
    if (type === undefined) continue
    const { path, headers = [], body } = place.send(toSent(type))
    return { path, headers, ...(body !== undefined && { body }) }
  }
  return null
}

function listPlaces(options: UploadsOptions, { method, path }: ProbeTarget): Place[] {
  const table = createRuleTable(options)
  const form = (name: string, rules: FileRules): Place => ({
    what: ` in the field ${name}`,
    rules,
    send: (...files) => ({ method, path, ...toForm(name, files) }),
  })
  const fields = [...table.fields].map(([name, rules]) => form(name, rules))
  const others = table.others === null ? [] : [form('file', table.others)]
  const raw: Place[] =
    table.raw === null
      ? []
      : [
          {
            what: ' as the body',
            rules: table.raw,
            send: (...[file]) => ({
              method,
              path,
              headers: [['content-type', file?.type ?? '']],
              body: file?.bytes ?? '',
            }),
          },
        ]
  return [...fields, ...others, ...raw]
}

function createHonest(type: TypeName, { what, send }: Place): Probe {
  return {
    name: `a small file of ${type}${what} passes`,
    kind: 'honest',
    requests: [send(toSent(type))],
    expect: { outcome: 'passed' },
  }
}

function createAttacks(options: UploadsOptions, { what, rules, send }: Place): Probe[] {
  const [type] = rules.types
  if (type === undefined) return []
  const honest = toSent(type)
  const probes = [
    attack(
      `a program that is declared as ${type}${what}`,
      send({ ...honest, bytes: program }),
      'unsupported_media_type',
    ),
    attack(
      `a page with a script that is declared as ${type}${what}`,
      send({ ...honest, bytes: Buffer.from('<!doctype html><script>alert(1)</script>') }),
      'unsupported_media_type',
    ),
    attack(
      `a file of ${type} that is declared as another type${what}`,
      send({ ...honest, type: 'application/x-probe' }),
      'unsupported_media_type',
    ),
  ]
  const compressed = send(honest)
  const { headers = [], body } = compressed
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const packed = { ...compressed, headers: [...headers, ['content-encoding', 'gzip'] as const], body: gzipSync(body) }
    probes.push(attack(`a body that cannot be seen through${what}`, packed, 'unsupported_media_type'))
  }
  if (rules.maxBytes < mostBytes) {
    const bytes = Buffer.concat([honest.bytes, Buffer.alloc(rules.maxBytes + 1)])
    probes.push(
      attack(
        `a file that is too long${what}`,
        send({ ...honest, bytes }),
        'content_too_large',
        'unsupported_media_type',
        'invalid_content',
      ),
    )
  }
  return [...probes, ...createContentAttacks(options, { what, rules, send })]
}

/** What only some types can be. */
function createContentAttacks({ archives, unsafeAllowActive }: UploadsOptions, { what, rules, send }: Place): Probe[] {
  const { types, image } = rules
  const probes: Probe[] = []
  if (types.has('image/png')) {
    const bytes = createPng(image.maxWidth + 1, 1)
    probes.push(attack(`a picture that is too wide${what}`, send({ ...toSent('image/png'), bytes }), 'invalid_content'))
    const archive = Buffer.concat([createPng(1, 1), createZip([{ name: 'a.txt', content: 'a' }])])
    const both = send({ ...toSent('image/png'), bytes: archive })
    probes.push(attack(`a picture that is an archive too${what}`, both, 'unsupported_media_type'))
  }
  if (types.has('image/svg+xml') && unsafeAllowActive === undefined) {
    const bytes = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
    probes.push(attack(`a script in an SVG${what}`, send({ ...toSent('image/svg+xml'), bytes }), 'invalid_content'))
  }
  if (types.has('application/zip')) {
    const zip = (bytes: Buffer) => send({ ...toSent('application/zip'), bytes })
    const outside = createZip([{ name: '../../outside.txt', content: 'x' }])
    const link = createZip([{ name: 'link', content: '/etc/passwd', mode: 0o120777 }])
    probes.push(
      attack(`an archive that leaves its folder${what}`, zip(outside), 'invalid_content'),
      attack(`a link in an archive${what}`, zip(link), 'invalid_content'),
    )
    if (archives.maxRatio < 900) {
      const bomb = createZip([{ name: 'zeros', content: Buffer.alloc(4 * 1024 * 1024), deflated: true }])
      probes.push(
        attack(`an archive that unpacks to too much${what}`, zip(bomb), 'invalid_content', 'content_too_large'),
      )
    }
  }
  return probes
}

function createNameAttacks(places: readonly Place[]): Probe[] {
  const place = places.find(({ what }) => what.startsWith(' in the field'))
  const [type] = place?.rules.types ?? []
  if (place === undefined || type === undefined) return []
  const honest = toSent(type)
  const [extension = ''] = toFileType(type).extensions
  const named = (name: string) => place.send({ ...honest, name })
  const tooMany = place.send(...Array.from({ length: Math.min(place.rules.maxCount, 1000) + 1 }, () => honest))
  return [
    attack('a name that ends as another type', named('probe.exe'), 'unsupported_media_type'),
    attack('a name without letters', named(`..${extension}`), 'invalid_content'),
    attack('more files than a field takes', tooMany, 'content_too_large', 'malformed_request'),
  ]
}

function attack(name: string, request: ProbeRequest, ...problem: PublicCode[]): Probe {
  return {
    name: `${name} is refused`,
    kind: 'attack',
    standard: 'v5.0.0-5.2.2',
    requests: [request],
    expect: { outcome: 'refused', problem },
  }
}

function toSent(type: TypeName): Sent {
  const { declared, extensions } = toFileType(type)
  return { bytes: samples[type](), type: declared[0] ?? '', name: `probe.${extensions[0]}` }
}

function toForm(field: string, files: readonly Sent[]): Pick<ProbeRequest, 'headers' | 'body'> {
  const boundary = 'portcullis-probe-7d1c'
  const parts = files.flatMap(({ bytes, type, name }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ])
  return {
    headers: [['content-type', `multipart/form-data; boundary=${boundary}`]],
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  }
}
