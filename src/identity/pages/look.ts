import type { Exchange } from '../../core/exchange.ts'
import { chooseTexts } from '../texts/choose-texts.ts'
import type { Texts } from '../texts/texts.ts'

/** How pages look to one person. */
export interface Look {
  readonly texts: Texts
}

export interface Asked {
  /** `ui_locales` of the authorization request. */
  readonly locales?: string | undefined
  readonly acceptLanguage: string | undefined
}

/** Chooses a look for whoever asks. */
export type Looks = (asked: Asked) => Look

export function createLooks(): Looks {
  return (asked) => ({ texts: chooseTexts(asked) })
}

/** The look for who sent a request; `locales` where a login has said which languages. */
export type LookOf = (exchange: Exchange, locales?: unknown) => Look

export function createLookOf(looks: Looks): LookOf {
  return (exchange, locales) =>
    looks({
      locales: typeof locales === 'string' ? locales : undefined,
      acceptLanguage: exchange.headers.get('accept-language'),
    })
}
