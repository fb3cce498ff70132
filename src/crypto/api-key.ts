import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { digestSecret } from './digest.ts'
import { randomText, toBase62 } from './random-text.ts'

/*
 * pck_<id>_<secret><checksum>, all in base 62: a fixed prefix and a fixed length, so that secret scanners recognise a
 * key wherever it leaks; a public id by which it is found and named; 256 random bits; and a CRC-32 of all that stands
 * before it, so that a typing mistake or a guess by somebody who does not know the form never reaches a store.
 */

/** What every key begins with. */
export const apiKeyPrefix = 'pck_'
/** For secret scanners and for redaction: matches keys inside longer text; `parseApiKey` tells them from look-alikes. */
export const apiKeyPattern = /pck_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}/

const idLength = 12
// The least number of base-62 characters that hold 256 bits.
const secretLength = 43
const checksumLength = 6
const secretStart = apiKeyPrefix.length + idLength + 1
const checkedLength = secretStart + secretLength
/** How many characters every key has. */
export const apiKeyLength = checkedLength + checksumLength
const wholeKey = new RegExp(`^${apiKeyPattern.source}$`)

/** A new key: the text is shown once, only its digest is stored. */
export interface IssuedApiKey {
  readonly id: string
  readonly text: string
  readonly digest: string
}

/** Makes a key; with an `id`, a further secret for the key of that id (rotation). */
export function createApiKey(id = randomText(idLength)): IssuedApiKey {
  const checked = `${apiKeyPrefix}${id}_${randomText(secretLength)}`
  const text = checked + checksum(checked)
  return { id, text, digest: digestSecret(text) }
}

/** Reads the public id out of a key; null when the text is not a key or its checksum is wrong. */
export function parseApiKey(text: string): string | null {
  if (text.length !== apiKeyLength || !wholeKey.test(text)) return null
  if (checksum(text.slice(0, checkedLength)) !== text.slice(checkedLength)) return null
  return text.slice(apiKeyPrefix.length, secretStart - 1)
}

/** The id of a key of which only the digest is known: always the same, so that importing twice adds nothing. */
export function deriveApiKeyId(digest: string): string {
  const bytes = hash('sha256', `portcullis api key ${digest}`, 'buffer')
  // Two halves of 48 bits, because a number holds no more than 53.
  return [0, 6].map((at) => toBase62(bytes.readUIntBE(at, 6) % 62 ** 6, 6)).join('')
}

/** Whether the text has the form of a key's public id. */
export function isApiKeyId(text: string): boolean {
  return text.length === idLength && /^[0-9A-Za-z]+$/.test(text)
}

function checksum(text: string): string {
  return toBase62(crc32(text), checksumLength)
}
