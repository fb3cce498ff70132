import type { AccountRecord } from '../../stores/ports/account-store.ts'
import type { FactorKind, FactorRecord } from '../../stores/ports/factor-store.ts'
import type { Html } from '../pages/html.ts'
import type { Passkeys } from '../passkeys/passkeys.ts'
import type { TextKey } from '../texts/en.ts'
import type { Texts } from '../texts/texts.ts'
import type { FactorEvent } from './mails.ts'

/** What a second factor is handed where somebody proves it. */
export interface FactorContext {
  readonly account: AccountRecord
  /** The login, or whatever else it is proved for: what is asked of a browser is good for nothing else. */
  readonly within: string
  readonly texts: Texts
  /** Null: there are none here. */
  readonly passkeys: Passkeys | null
  readonly now: () => number
  /** Those of this kind; at least one. */
  readonly held: readonly FactorRecord[]
  /** What was sealed of a factor. Rejects with a `DecryptionError` where it was changed or moved. */
  open(factor: FactorRecord): Promise<unknown>
  /**
   * Keeps what has become of it; false where it was used by somebody else since `open`.
   * @param mail what its owner is told
   */
  use(factor: FactorRecord, data: object, mail?: FactorEvent): Promise<boolean>
}

export type FactorVerdict =
  /** `amr`: what it was proved with (RFC 8176). */
  { readonly kind: 'proved'; readonly amr: readonly string[] } | { readonly kind: 'wrong' }

/** A kind of second factor. Guesses are limited, and failures of the store answered, by who calls it. */
export interface SecondFactor {
  readonly kind: FactorKind
  /** What it is called where one of several is chosen. */
  readonly title: TextKey
  /** Whether an account that has it has a second factor: what only helps out does not count. */
  readonly counts: boolean
  /** What is said of what proves nothing. Default: that of a code. */
  readonly wrong?: TextKey
  /** The script that its form needs: without it, the form is not seen. */
  readonly script?: 'passkeys'
  /** The fields of its form; `described` stands in each, so that what was wrong is read with it. */
  fields(context: FactorContext, described: Html | null): Html | Promise<Html>
  judge(context: FactorContext, form: ReadonlyMap<string, string>): Promise<FactorVerdict>
}
