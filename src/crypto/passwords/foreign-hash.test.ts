import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matches } from './derive.ts'
import { toPasswordHash } from './foreign-hash.ts'
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts'

const password = 'correct horse battery staple'

/** Made by Python's hashlib; that of Firebase is the example of its documentation. */
const foreign: readonly (readonly [name: string, hash: string, password?: string])[] = [
  ['Django, PBKDF2', 'pbkdf2_sha256$1000$seasalt2seasalt2$zU5AZO+q3BQs8wjYk63K6MkmzA8pgpmxuE/RgiDJYnM='],
  ['Django, PBKDF2 with SHA-1', 'pbkdf2_sha1$1000$seasalt2seasalt2$+AZfAbUTCiX4q3zLceLeWFGvHQ4='],
  [
    'Django, scrypt',
    'scrypt$1024$seasalt2seasalt2$8$1$/aDhC5+zxcTvt6f8PSaz4oDlgennOMMc45ps2MhbjPhohiXV0wHQ+jcAppCq7SlZ3uTDhos2OCJzIicN3tzZSQ==',
  ],
  [
    'Werkzeug, scrypt',
    'scrypt:1024:8:1$seasalt2$c1d1c4a55f18eb7cb4c8cb0edbd65fd44634e68f411d82ce0b0cf95270f90e28c33254ccda2c0ff460b52f3220164c65930b2c28124ebbac5e845137d13c2d81',
  ],
  ['Werkzeug, PBKDF2', 'pbkdf2:sha256:1000$seasalt2$bd51d9184b3bbfaaaecfe650277614be22a66473eba6be4e01330c2a52028d56'],
  ['passlib', '$pbkdf2-sha256$1000$../77/vv../77/vv../77w$W49sEPVml5.1bzn8w./o34WWBm9rpkQgN9dTkVP3SsE'],
  [
    'Firebase',
    '$firebase-scrypt$ln=14,r=8$42xEC+ixf3L2lwc$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ',
    'user1password',
  ],
]

describe('a hash that another program made', () => {
  for (const [name, hash, its = password] of foreign) {
    test(`${name}: opens with its password, and with no other`, () => {
      const stored = toPasswordHash(hash)
      assert.equal(formatPasswordHash(parsePasswordHash(stored)), stored)
      assert.equal(toPasswordHash(stored), stored)
      assert.equal(matches(stored, Buffer.from(its)), true)
      assert.equal(matches(stored, Buffer.from(`${its}.`)), false)
    })
  }

  test('Argon2 and bcrypt behind the names that Django gives them are taken as they are', () => {
    const argon2 = `$argon2d$v=19$m=102400,t=2,p=8$${'A'.repeat(22)}$${'A'.repeat(43)}`
    assert.equal(toPasswordHash(`argon2${argon2}`), argon2)
    const bcrypt = `$2y$12$${'a'.repeat(53)}`
    assert.equal(toPasswordHash(`bcrypt$${bcrypt}`), bcrypt)
  })

  for (const [what, hash] of [
    ['gigabytes of scrypt', `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['the same of Django', `scrypt$1073741824$seasalt2seasalt2$8$1$${'A'.repeat(43)}=`],
    ['a block that is too large', `$scrypt$ln=14,r=999,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['too many lanes', `$scrypt$ln=14,r=8,p=255$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['a cost without end', `$scrypt$ln=999,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
    ['minutes of PBKDF2', `pbkdf2_sha256$4000000000$seasalt2seasalt2$${'A'.repeat(43)}=`],
  ] as const) {
    test(`${what} are refused before any work`, () => {
      assert.throws(() => toPasswordHash(hash), { code: 'hash_invalid', message: /memory or time/ })
    })
  }

  for (const hash of [
    '5f4dcc3b5aa765d61d8327deb882cf99',
    'md5$seasalt$5f4dcc3b5aa765d61d8327deb882cf99',
    'bcrypt_sha256$$2b$12$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'scrypt$1000$seasalt2seasalt2$8$1$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '!unusable',
    'constructor$1$2$3',
    '',
  ]) {
    test(`"${hash.slice(0, 20)}" is not read`, () => {
      assert.throws(() => toPasswordHash(hash), { code: 'hash_invalid' })
    })
  }
})
