import { cardNumber } from './find/card-numbers.ts'
import { findEmailAddresses } from './find/email-addresses.ts'
import type { Form } from './find/forms.ts'
import { findIbans } from './find/ibans.ts'
import * as ids from './find/national-ids.ts'
import { findPhoneNumbers } from './find/phone-numbers.ts'
import { endLength, endOfKey, findPrivateKeys } from './find/private-keys.ts'
import { endOfToken, findSecrets } from './find/secrets.ts'
import type { Find } from './find/span.ts'

/** What is looked for in texts: by itself, or by its form, together with all others that have one. */
export interface Kind {
  readonly find?: Find
  readonly form?: Form
  /** For kinds of no bounded length: where a value that goes on behind a cut ends, and how much of it tells that. */
  readonly open?: { readonly endOf: (text: string) => number; readonly overlap: number }
}

/** In the order in which they win where two begin at one place; those with a form stand together. */
const table = {
  privateKey: { find: findPrivateKeys, open: { endOf: endOfKey, overlap: endLength } },
  secret: { find: findSecrets, open: { endOf: endOfToken, overlap: 0 } },
  email: { find: findEmailAddresses },
  iban: { find: findIbans },
  cardNumber: { form: cardNumber },
  usSsn: { form: ids.usSsn },
  caSin: { form: ids.caSin },
  brCpf: { form: ids.brCpf },
  ukNino: { form: ids.ukNino },
  esDni: { form: ids.esDni },
  itCodiceFiscale: { form: ids.itCodiceFiscale },
  nlBsn: { form: ids.nlBsn },
  plPesel: { form: ids.plPesel },
  frNir: { form: ids.frNir },
  deSteuerId: { form: ids.deSteuerId },
  seIdentity: { form: ids.seIdentity },
  fiHetu: { form: ids.fiHetu },
  beNational: { form: ids.beNational },
  chAhv: { form: ids.chAhv },
  inAadhaar: { form: ids.inAadhaar },
  phone: { find: findPhoneNumbers },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof table

export const kinds: Readonly<Record<KindName, Kind>> = table
export const kindNames = Object.keys(table) as [KindName, ...KindName[]]
