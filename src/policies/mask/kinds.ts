import { findCardNumbers } from './find/card-numbers.ts'
import { findEmailAddresses } from './find/email-addresses.ts'
import { findIbans } from './find/ibans.ts'
import * as ids from './find/national-ids.ts'
import { findPhoneNumbers } from './find/phone-numbers.ts'
import { endLength, endOfKey, findPrivateKeys } from './find/private-keys.ts'
import { endOfToken, findSecrets } from './find/secrets.ts'
import type { Find } from './find/span.ts'

/** What is looked for in texts. */
export interface Kind {
  readonly find: Find
  /** For kinds of no bounded length: where a value that goes on behind a cut ends, and how much of it tells that. */
  readonly open?: { readonly endOf: (text: string) => number; readonly overlap: number }
}

/** In the order in which they win where two begin at one place. */
const table = {
  privateKey: { find: findPrivateKeys, open: { endOf: endOfKey, overlap: endLength } },
  secret: { find: findSecrets, open: { endOf: endOfToken, overlap: 0 } },
  email: { find: findEmailAddresses },
  iban: { find: findIbans },
  cardNumber: { find: findCardNumbers },
  usSsn: { find: ids.findUsSsn },
  caSin: { find: ids.findCaSin },
  brCpf: { find: ids.findBrCpf },
  ukNino: { find: ids.findUkNino },
  esDni: { find: ids.findEsDni },
  itCodiceFiscale: { find: ids.findItCodiceFiscale },
  nlBsn: { find: ids.findNlBsn },
  plPesel: { find: ids.findPlPesel },
  frNir: { find: ids.findFrNir },
  deSteuerId: { find: ids.findDeSteuerId },
  seIdentity: { find: ids.findSeIdentity },
  fiHetu: { find: ids.findFiHetu },
  beNational: { find: ids.findBeNational },
  chAhv: { find: ids.findChAhv },
  inAadhaar: { find: ids.findInAadhaar },
  phone: { find: findPhoneNumbers },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof table

export const kinds: Readonly<Record<KindName, Kind>> = table
export const kindNames = Object.keys(table) as [KindName, ...KindName[]]
