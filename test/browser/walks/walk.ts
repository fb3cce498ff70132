import type { IdentitySite } from '../../support/identity-site.ts'
import type { Language, Walker, WalkerOptions } from '../../support/walker.ts'

/** A way through pages of the identity server, as somebody goes it. */
export interface Walk extends Pick<WalkerOptions, 'keyboard' | 'script'> {
  readonly name: string
  readonly language: Language
  /** There is no going it again. */
  readonly once?: true
  /** @param come brings somebody else, with a browser of their own */
  run(site: IdentitySite, walker: Walker, come: () => Promise<Walker>): Promise<void>
}
