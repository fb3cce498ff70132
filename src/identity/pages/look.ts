import type { Exchange } from '../../core/exchange.ts'
import { chooseTexts } from '../texts/choose-texts.ts'
import { readMessages } from '../texts/read-messages.ts'
import type { Texts } from '../texts/texts.ts'

import type { PagesOptions } from './options.ts'
import { createTheme, type Theme } from './theme.ts'

/** How pages look to one person. */
export interface Look {
  readonly texts: Texts
  readonly theme: Theme
}

export interface Asked {
  /** `ui_locales` of the authorization request. */
  readonly locales?: string | undefined
  readonly acceptLanguage: string | undefined
}

/** Chooses a look for whoever asks. */
export type Looks = (asked: Asked) => Look

/** Rejects where a file of the options cannot be read, or is not what it should be. */
export async function createLooks(
  options: PagesOptions,
  site: string,
  read: (reference: string) => Promise<Uint8Array>,
): Promise<Looks> {
  const files = await Promise.all(
    Object.entries(options.messages).map(async ([language, reference]) => {
      return [language, { reference, bytes: await read(reference) }] as const
    }),
  )
  const offered = readMessages(Object.fromEntries(files), options.language)
  const theme = await createTheme(options, site, read)
  return (asked) => ({ texts: chooseTexts(asked, offered), theme })
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
