import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureLeastCpu } from '../../../../test/support/cpu-time.ts'
import { type KindName, kindNames } from '../kinds.ts'
import { createScan } from '../scanner.ts'

const scanAll = createScan(kindNames)

function findIn(text: string, ...names: readonly KindName[]): string[] {
  const scan = names.length === 0 ? scanAll : createScan(names)
  return scan(text).map(({ start, end }) => text.slice(start, end))
}

const values: Partial<Record<KindName, readonly string[]>> = {
  cardNumber: [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    '4111\xa01111\xa01111\xa01111',
    '4000 0000 0000 0000 006',
    '5555555555554444',
    '2223003122003222',
    '378282246310005',
    '3782 822463 10005',
    '3056 930902 5904',
    '6011111111111117',
    '3530111333300000',
    '6200000000000005',
    '6304000000000000',
  ],
  email: [
    'ann@example.com',
    'ann.o+shop@mail.example.co.uk',
    "o'brien@example.org",
    'jörg@müller.de',
    'ann%40example.com',
  ],
  phone: [
    '+14155552671',
    '+49 170 1234567',
    '+44 (0)20 7946 0958',
    '+33 1 23 45 67 89',
    '(212) 555-0123',
    '212-555-0123',
    '1-800-555-0123',
    '020 7946 0958',
    '07700 900123',
    '030/1234567',
    '01 23 45 67 89',
  ],
  iban: [
    'DE89370400440532013000',
    'DE89 3704 0044 0532 0130 00',
    'GB29NWBK60161331926819',
    'fr1420041010050500013m02606',
    'NO9386011117947',
  ],
  usSsn: ['123-45-6789', '123 45 6789'],
  caSin: ['130 692 544', '130-692-544'],
  brCpf: ['529.982.247-25', '52998224725'],
  ukNino: ['AB123456C', 'AB 12 34 56 C'],
  esDni: ['12345678Z', '12345678-Z', 'X1234567L', 'x-1234567-l'.toUpperCase()],
  itCodiceFiscale: ['RSSMRA85T10A562S', 'rssmra85t10a562s'],
  nlBsn: ['111222333', '1112.22.333'],
  plPesel: ['44051401359'],
  frNir: ['255081416802538', '2 55 08 14 168 025 38'],
  deSteuerId: ['86095742719', '86 095 742 719'],
  seIdentity: ['811218-9876', '19811218-9876'],
  fiHetu: ['131052-308T'],
  beNational: ['85.07.30-033.28', '85073003328'],
  chAhv: ['756.9217.0769.85', '7569217076985'],
  inAadhaar: ['234123412346', '2341 2341 2346', '2341-2341-2346'],
  secret: [
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${'dBjftJeZ4CVP'.repeat(3)}`,
    `pck_${'a1B2c3D4'.repeat(6)}`,
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${'a1B2'.repeat(9)}`,
    `glpat-${'a1B2c'.repeat(4)}`,
    `xoxb-${'1234567890-'.repeat(2)}abc`,
    `sk_live_${'a1B2'.repeat(6)}`,
    `sk-ant-api03-${'a1B2'.repeat(9)}`,
    'SG.aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbb',
    'shop:hunter2',
  ],
  privateKey: [`-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow+/\n'.repeat(20)}-----END RSA PRIVATE KEY-----`],
}

/** Values stand in the middle of something. */
const around: Partial<Record<string, readonly [string, string]>> = { 'shop:hunter2': ['postgres://', '@db/shop'] }

for (const kind of kindNames) {
  test(`${kind} is found, in a sentence, in markup and alone`, () => {
    for (const value of values[kind] ?? assert.fail('no values')) {
      const [before, after] = around[value] ?? ['', '']
      for (const [left, right] of [
        ['', ''],
        ['it is ', ', and'],
        ['<td>', '</td>'],
        ['a=', '&b=2'],
        ['ü', 'ü'],
      ] as const) {
        if (left === 'ü' && kind === 'email') continue
        assert.deepEqual(findIn(left + before + value + after + right, kind), [value], left + value)
      }
    }
  })
}

test('an address ends where a sentence without spaces goes on', () => {
  for (const text of ['请联系ann@example.com谢谢', Buffer.from('请联系ann@example.com谢谢').toString('latin1')]) {
    assert.deepEqual(findIn(text, 'email'), ['ann@example.com'])
  }
  const latin = Buffer.from('jörg@müller.de und').toString('latin1')
  assert.deepEqual(findIn(latin, 'email'), [latin.slice(0, -4)])
})

test('a mistyped number is none', () => {
  for (const [kind, list] of Object.entries(values) as [KindName, readonly string[]][]) {
    if (['email', 'phone', 'secret', 'privateKey', 'usSsn', 'ukNino'].includes(kind)) continue
    for (const value of list) {
      // One digit more, as it is most often mistyped.
      const at = value.search(/\d(?=\D*\d\D*$)/)
      const other = value.slice(0, at) + ((Number(value[at]) + 1) % 10) + value.slice(at + 1)
      assert.deepEqual(findIn(other, kind), [], `${kind} ${other}`)
    }
  }
})

const quiet = [
  '2026-11-26T22:40:11.123Z',
  '1764196811123',
  '1764196811123456',
  '1764196811123456789',
  '550e8400-e29b-41d4-a716-446655440000',
  '11111111-4111-1111-1111-111111111111',
  'a4111111111111111f',
  'd41d8cd98f00b204e9800998ecf8427e',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '0.4111111111111111',
  '4111111111111111.5',
  '41111111111111111111111',
  '1-4111-1111-1111-1111',
  '4006381333931',
  '9783161484100',
  '5901234123457',
  'ORD-2026-000123456',
  'order 100000000123456',
  '10.1.123.123',
  '2001:db8::8a2e:370:7334',
  '01-02-2024',
  '01.02.2024 12:30:45',
  '01/02/2024 10:11',
  '2024-01-02 03:04:05',
  '1,234,567.89',
  '48.858370, 2.294481',
  'v1.2.3-rc.1',
  'pkg@1.2.3',
  '@scope/name@18.2.0',
  'icon@2x.png',
  '@ann wrote this',
  'width: 100px; margin: 0 12 34',
  'sk-fading-circle-with-a-long-class-name',
  'eyJournal.entries',
  'http://localhost:8080/path@2',
  'https://example.com:443/a@b',
  'page 1 of 12345678',
  'in 2024, 123-4567 and 12-34-56',
  'ISBN 978-3-16-148410-0',
  'DE12345',
  'GB29 is a code',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
]

test('what only looks like a value is left alone', () => {
  for (const text of quiet) {
    // Ids without a form of their own are asked for by who has them, and are one in ten of such numbers.
    const scan = createScan(kindNames.filter((kind) => !['nlBsn', 'plPesel', 'deSteuerId', 'inAadhaar'].includes(kind)))
    assert.deepEqual(
      scan(text).map((one) => `${one.kind}: ${text.slice(one.start, one.end)}`),
      [],
      text,
    )
  }
})

test('of many random ids, few look like a value', () => {
  const random = createRandom(7)
  const digits = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
  const hex = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('')
  const scan = createScan(['cardNumber', 'email', 'phone', 'iban', 'secret', 'usSsn', 'caSin'])
  const ids = Array.from({ length: 4000 }, (_, at) =>
    at % 4 === 0
      ? `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`
      : at % 4 === 1
        ? hex(40)
        : at % 4 === 2
          ? `ORD-${digits(10)}`
          : `17${digits(at % 8 === 3 ? 11 : 14)}`,
  )
  assert.deepEqual(
    ids.filter((id) => scan(id).length > 0),
    [],
  )
})

test('time grows with the length alone, whatever stands in the text', () => {
  const hard = [
    '4111 ',
    '4',
    '0 12 ',
    '+1 ',
    '(0',
    'a@',
    '@a.',
    'a.a@a.a.',
    '%40',
    'DE00',
    'eyJ',
    'eyJaaaaaaaaaaaa.',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    '//a:',
    'sk-a-',
    'xoxb-',
    'A1b2-',
    '12-',
    '1234.56.',
  ]
  const timeOf = (text: string) => measureLeastCpu(() => scanAll(text))
  for (const piece of hard) {
    const short = piece.repeat(Math.ceil(16_384 / piece.length))
    const long = piece.repeat(Math.ceil(524_288 / piece.length))
    const perByte = timeOf(short) / short.length
    assert.ok(timeOf(long) / long.length < 8 * perByte, piece)
  }
})

/** A generator with a seed, so that a failure comes again. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
