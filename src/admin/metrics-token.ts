import { hash, timingSafeEqual } from 'node:crypto'

export type TokenCheck = (authorization: string | undefined) => boolean

const bearer = /^bearer ([\x21-\x7e]+)$/i

/** Makes the check of `Authorization: Bearer …`, in a time that tells nothing of the token (ASVS v5.0.0-11.2.4). */
export function createTokenCheck(token: string): TokenCheck {
  const expected = hash('sha256', token, 'buffer')
  return (authorization) => {
    const [, given] = bearer.exec(authorization ?? '') ?? []
    return given !== undefined && timingSafeEqual(hash('sha256', given, 'buffer'), expected)
  }
}

/** What is wrong with a token that somebody else may have written; null where nothing is. */
export function findTokenProblem(token: string): string | null {
  if (!/^[\x21-\x7e]*$/.test(token)) return 'holds characters that no scraper can send'
  if (token.length < 32) return 'holds fewer than 32 characters'
  return token.length > 1024 ? 'holds more than 1024 characters' : null
}
