import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts'

const salt = 'AAAAAAAAAAAAAAAAAAAAAA'
const digest = 'A'.repeat(43)
const argon2 = (m: number | string, t: number | string, p: number | string) =>
  `$argon2id$v=19$m=${m},t=${t},p=${p}$${salt}$${digest}`

test('what is read is written again, character by character', () => {
  for (const text of [
    argon2(19456, 2, 1),
    argon2(65536, 3, 4).replace('argon2id', 'argon2i'),
    `$pbkdf2-sha256$i=600000$${salt}$${digest}`,
    `$pbkdf2-sha512$i=210000$${salt}$${'A'.repeat(86)}`,
    `$2b$10$${'a'.repeat(53)}`,
  ]) {
    assert.equal(formatPasswordHash(parsePasswordHash(text)), text)
  }
})

test('a hash that would take gigabytes or minutes is refused before any work', () => {
  for (const text of [
    argon2(4_194_304, 1, 1),
    argon2(262_145, 1, 1),
    argon2(262_144, 24, 1),
    argon2(19_456, 4_000_000_000, 1),
    argon2(19_456, 2, 255),
    '$2b$31$'.padEnd(60, 'a'),
    '$2b$17$'.padEnd(60, 'a'),
    `$pbkdf2-sha256$i=4000000000$${salt}$${digest}`,
    `$pbkdf2-sha256$i=0$${salt}$${digest}`,
  ]) {
    assert.throws(() => parsePasswordHash(text), { code: 'hash_invalid', message: /memory or time/ }, text)
  }
})

test('what has not exactly the form is refused', () => {
  const good = argon2(19456, 2, 1)
  for (const text of [
    '',
    `${good} `,
    `${good}\n`,
    ` ${good}`,
    `${good}=`,
    good.replace('v=19$', ''),
    good.replace('v=19', 'v=16'),
    good.replace('argon2id', 'argon2x'),
    argon2('019456', 2, 1),
    argon2('+19456', 2, 1),
    argon2('1e5', 2, 1),
    argon2(-1, 2, 1),
    argon2(7, 1, 1),
    argon2(19456, 0, 1),
    argon2(19456, 2, 0),
    good.replace(',p=1', ',p=1,data=AAAA'),
    // Bits behind the last byte: two texts for one hash.
    good.replace(`$${digest}`, `$${digest.slice(0, -1)}B`),
    good.replace(salt, salt.slice(0, 8)),
    `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${'A'.repeat(128)}`,
    `$2b$1$${'a'.repeat(53)}`,
    `$2b$03$${'a'.repeat(53)}`,
    `$2x$10$${'a'.repeat(53)}`,
    `$2b$10$${'a'.repeat(52)}`,
    `$2b$10$${'a'.repeat(54)}`,
    '$1$salt$hash',
    'hunter2',
  ]) {
    assert.throws(() => parsePasswordHash(text), { name: 'PasswordError', code: 'hash_invalid' }, text)
  }
})

test('whatever text comes, it is read or refused with our error', () => {
  const pieces = fc.constantFrom(
    '$argon2id',
    '$v=19',
    '$m=19456',
    ',t=2',
    ',p=1',
    '$',
    salt,
    digest,
    '$2b$10$',
    '9',
    '=',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(pieces).map((all) => all.join('')),
      ),
      (text) => {
        try {
          assert.equal(formatPasswordHash(parsePasswordHash(text)), text)
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'hash_invalid')
        }
      },
    ),
  )
})
