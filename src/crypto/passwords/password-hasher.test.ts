import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { webcrypto } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { hashWith } from './derive.ts'
import { needsRehash } from './needs-rehash.ts'
import { minimums } from './parameters.ts'
import { parsePasswordHash } from './password-hash.ts'
import { createPasswordHasher, type PasswordHasherOptions } from './password-hasher.ts'
import { reachPasswordHasher, sharePasswordHasher } from './password-hasher-port.ts'

const opened: { close(): unknown }[] = []
after(() => Promise.all(opened.map((each) => each.close())))

function open(options: PasswordHasherOptions = {}) {
  const hasher = createPasswordHasher({ threads: 1, ...options })
  opened.push(hasher)
  return hasher
}

const cheap = (password: string) =>
  hashWith({ algorithm: 'argon2id', memoryKiB: 64, passes: 1, lanes: 1 }, Buffer.from(password))
const pepper = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) })
const fine = { valid: true, needsRehash: false }
const old = { valid: true, needsRehash: true }
const wrong = { valid: false, needsRehash: false }

describe('hashes', () => {
  const hasher = open()

  test('are made with the defaults and hold', async () => {
    const hash = await hasher.hash('correct horse')
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    assert.deepEqual(await hasher.verify('correct horse', hash), fine)
    assert.deepEqual(await hasher.verify('Correct horse', hash), wrong)
    assert.deepEqual(await hasher.verifyNothing('correct horse'), wrong)
  })

  test('that are weaker hold and want to be made anew', async () => {
    for (const hash of [cheap('a'), hashWith({ algorithm: 'bcrypt', cost: 4 }, Buffer.from('a'))]) {
      assert.deepEqual(await hasher.verify('a', hash), old)
      assert.deepEqual(await hasher.verify('b', hash), wrong)
    }
  })

  test('are the same for one word typed in two ways, and were not where they came from', async () => {
    const [composed, decomposed] = ['é', 'e\u0301']
    assert.deepEqual(await hasher.verify(decomposed, cheap(composed)), old)
    // From a program that does not normalise: valid, and made anew at once.
    assert.deepEqual(await hasher.verify(decomposed, cheap(decomposed)), old)
    assert.deepEqual(await hasher.verify('2', cheap('²')), wrong)
  })

  test('are not made of what nobody can type, nor of megabytes', async () => {
    for (const password of ['', '\ud800', 'x'.repeat(1025), 'é'.repeat(513)]) {
      await assert.rejects(hasher.hash(password), { code: 'password_invalid' })
      assert.deepEqual(await hasher.verify(password, cheap('a')), wrong)
      assert.deepEqual(await hasher.verifyNothing(password), wrong)
    }
  })

  test('are not made of text that takes seconds to normalise', async () => {
    // Putting so many marks in order takes time in proportion to the square of their number.
    const password = `a${'\u0301\u0323'.repeat(20_000)}`
    const startedAt = performance.now()
    await assert.rejects(hasher.hash(password), { code: 'password_invalid' })
    assert.deepEqual(await hasher.verify(password, cheap('a')), wrong)
    assert.deepEqual(await hasher.verifyNothing(password), wrong)
    assert.ok(performance.now() - startedAt < 200)
  })

  test('that are damaged are told from wrong passwords', async () => {
    await assert.rejects(hasher.verify('a', 'plain text'), { code: 'hash_invalid' })
    await assert.rejects(hasher.verify('a', cheap('a').replace('m=64', 'm=4194304')), { code: 'hash_invalid' })
  })
})

test('bcrypt refuses what it would cut off', async () => {
  const hasher = open({ parameters: { algorithm: 'bcrypt', cost: 10 } })
  for (const password of ['x'.repeat(73), 'é'.repeat(37), 'a\0b']) {
    await assert.rejects(hasher.hash(password), { code: 'password_invalid' })
  }
  const hash = await hasher.hash('x'.repeat(72))
  assert.deepEqual(await hasher.verify('x'.repeat(72), hash), fine)
  assert.deepEqual(await hasher.verify('x'.repeat(73), hash), wrong)
  const peppered = open({ parameters: { algorithm: 'bcrypt', cost: 10 }, peppers: [pepper('one', 1)] })
  const long = await peppered.hash('x'.repeat(200))
  assert.deepEqual(await peppered.verify('x'.repeat(201), long), wrong)
  assert.deepEqual(await peppered.verify('x'.repeat(200), long), fine)
})

test('parameters below the minimum are refused', () => {
  for (const parameters of [
    { algorithm: 'argon2id', memoryKiB: 19_455, passes: 2, lanes: 1 },
    { algorithm: 'argon2id', memoryKiB: 65_536, passes: 1, lanes: 1 },
    { algorithm: 'argon2id', memoryKiB: 262_144, passes: 24, lanes: 1 },
    { algorithm: 'bcrypt', cost: 9 },
    { algorithm: 'bcrypt', cost: 10.5 },
    { algorithm: 'pbkdf2-sha256', iterations: 599_999 },
    { algorithm: 'pbkdf2-sha512', iterations: Number.NaN },
    { algorithm: 'md5' } as never,
  ] as const) {
    assert.throws(() => createPasswordHasher({ parameters }), TypeError)
  }
})

test('only what is weaker is made anew', () => {
  const wanted = { algorithm: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 1 } as const
  const of = (m: number, t: number, p = 1) =>
    parsePasswordHash(`$argon2id$v=19$m=${m},t=${t},p=${p}$${'A'.repeat(22)}$${'A'.repeat(43)}`)
  for (const hash of [of(65_536, 3), of(131_072, 3), of(65_536, 4), of(65_536, 3, 2)]) {
    assert.ok(!needsRehash(hash, wanted))
  }
  for (const hash of [of(65_535, 3), of(65_536, 2)]) assert.ok(needsRehash(hash, wanted))
  assert.ok(needsRehash(of(65_536, 3), minimums.bcrypt))
})

describe('peppers', () => {
  test('are needed to try a password, and can be replaced', async () => {
    const first = open({ peppers: [pepper('one', 1)] })
    const hash = await first.hash('secret')
    assert.match(hash, /^\$pepper\$one\$argon2id\$/)
    assert.deepEqual(await first.verify('secret', hash), fine)
    // Whoever has the hash alone cannot even try.
    await assert.rejects(open().verify('secret', hash), { code: 'hash_invalid', message: /pepper "one"/ })
    assert.deepEqual(await open({ peppers: [pepper('one', 2)] }).verify('secret', hash), wrong)
    const second = open({ peppers: [pepper('two', 2), pepper('one', 1)] })
    assert.deepEqual(await second.verify('secret', hash), old)
    assert.match(await second.hash('secret'), /^\$pepper\$two\$/)
  })

  test('come to hashes that had none', async () => {
    assert.deepEqual(await open({ peppers: [pepper('one', 1)] }).verify('a', cheap('a')), old)
  })

  test('that are short or doubled are refused', () => {
    for (const peppers of [
      [{ id: 'one', key: Buffer.alloc(31) }],
      [{ id: 'a$b', key: Buffer.alloc(32) }],
      [pepper('one', 1), pepper('one', 2)],
    ]) {
      assert.throws(() => createPasswordHasher({ peppers }), TypeError)
    }
  })
})

describe('threads', () => {
  test('leave libuv and the event loop to others', async () => {
    const hasher = open({ maxWaiting: 20 })
    const hashes = Array.from({ length: 12 }, () => hasher.hash('x'))
    let ended = 0
    for (const hash of hashes) void hash.then(() => ended++)
    await hashes[0]
    // WebCrypto runs in libuv's pool; it would wait behind all of them there.
    for (let i = 0; i < 20; i++) await webcrypto.subtle.digest('SHA-256', new Uint8Array(8))
    assert.ok(ended < hashes.length, `${ended} of ${hashes.length} hashes were waited for`)
    await Promise.all(hashes)
  })

  test('are not asked for more than the queue takes', async () => {
    const hasher = open({ maxWaiting: 2 })
    const calls = [1, 2, 3, 4].map(() => hasher.verifyNothing('x'))
    await assert.rejects(calls[3] as Promise<unknown>, { code: 'busy', message: /more than 2 passwords wait/ })
    assert.equal(hasher.waiting, 2)
    assert.equal(hasher.running, 1)
    await Promise.all(calls.slice(0, 3))
    assert.deepEqual([hasher.waiting, hasher.running], [0, 0])
  })

  test('forget what is taken back', async () => {
    const hasher = open()
    const controller = new AbortController()
    const running = hasher.verifyNothing('x')
    const waiting = hasher.verifyNothing('x', { signal: controller.signal })
    controller.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    assert.equal(hasher.waiting, 0)
    await assert.rejects(hasher.hash('x', { signal: AbortSignal.abort() }), { name: 'AbortError' })
    await running
  })

  test('end when the hasher is closed, and reject what they were asked', async () => {
    const hasher = open()
    const calls = [hasher.hash('x'), hasher.hash('x')].map((call) => assert.rejects(call, { code: 'closed' }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await hasher.close()
    await Promise.all(calls)
    await assert.rejects(hasher.hash('x'), { code: 'closed' })
  })

  test('keep a process alive while they work, and not a moment longer', () => {
    const source = `
      import { hashPassword } from 'portcullis/crypto'
      const hash = await hashPassword('x')
      console.log(hash.length)
      void hashPassword('y').then(() => console.log('second'))
    `
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--conditions=source', '--input-type=module', '--eval', source],
      { encoding: 'utf8', timeout: 30_000 },
    )
    assert.deepEqual([stdout, status], ['97\nsecond\n', 0], stderr)
  })
})

describe('another thread', () => {
  test('reaches the hasher through a port', async () => {
    const far = reachPasswordHasher(sharePasswordHasher(open()))
    opened.push(far)
    const hash = await far.hash('secret')
    assert.deepEqual(await far.verify('secret', hash), fine)
    assert.deepEqual(await far.verifyNothing('secret'), wrong)
    await assert.rejects(far.verify('secret', 'x'), { name: 'PasswordError', code: 'hash_invalid' })
    await assert.rejects(far.hash('x', { signal: AbortSignal.abort() }), { name: 'AbortError' })
  })

  test('that ends takes back what it waited for', async () => {
    const hasher = open()
    const far = reachPasswordHasher(sharePasswordHasher(hasher))
    const calls = [1, 2, 3].map(() => assert.rejects(far.hash('x'), { code: 'closed' }))
    while (hasher.waiting < 2) await new Promise((resolve) => setTimeout(resolve, 1))
    far.close()
    await Promise.all(calls)
    while (hasher.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  })

  test('takes back one call', async () => {
    const hasher = open()
    const far = reachPasswordHasher(sharePasswordHasher(hasher))
    opened.push(far)
    const controller = new AbortController()
    const first = far.verifyNothing('x')
    const second = far.verifyNothing('x', { signal: controller.signal })
    while (hasher.waiting < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort()
    await assert.rejects(second, { name: 'AbortError' })
    while (hasher.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await first
  })
})
