import type { KindName } from './kinds.ts'

const examples: Readonly<Record<KindName, readonly string[]>> = {
  // Put together here: a file with a whole one in it would be taken for one that leaked.
  privateKey: ['-----BEGIN RSA PRIVATE', ' KEY-----\n', 'MIIEow+/\n'.repeat(8), '-----END RSA PRIVATE', ' KEY-----'],
  secret: ['ghp', '_', 'a1B2'.repeat(9)],
  email: ['probe.caller@example.com'],
  iban: ['DE89370400440532013000'],
  cardNumber: ['4111111111111111'],
  usSsn: ['123-45-6789'],
  caSin: ['130-692-544'],
  brCpf: ['529.982.247-25'],
  ukNino: ['AB123456C'],
  esDni: ['12345678Z'],
  itCodiceFiscale: ['RSSMRA85T10A562S'],
  nlBsn: ['111222333'],
  plPesel: ['44051401359'],
  frNir: ['255081416802538'],
  deSteuerId: ['86095742719'],
  seIdentity: ['811218-9876'],
  fiHetu: ['131052-308T'],
  beNational: ['85.07.30-033.28'],
  chAhv: ['756.9217.0769.85'],
  inAadhaar: ['234123412346'],
  phone: ['+14155552671'],
}

/** A value of a kind that is nobody's. */
export function createExample(kind: KindName): string {
  return examples[kind].join('')
}
