import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { describePasswordProblem } from './describe-password-problem.ts'
import { findPasswordProblem } from './password-rules.ts'

const ann = { username: 'ann.miller@orchard.example', tenant: null, host: 'login.greengrocer.example' }

describe('a new password', () => {
  for (const [password, problem] of [
    ['fourteen chars', /14 characters: at least 15/],
    ['x'.repeat(257), /longer than 256 characters/],
    ['tab\tin a password', /cannot be typed/],
    ['the miller is grinding', /user name/],
    ['apples of an ORCHARD', /user name/],
    ['my greengrocer closes', /name of this site/],
    ['aaaaaaaaaaaaaaaaaa', /guessed first/],
    ['correctcorrectcorrect', /guessed first/],
    ['qwertyuiopasdfghjkl', /guessed first/],
    ['1q2w3e4r5t6y7u8i9o', /guessed first/],
    ['Password12345678', /guessed first/],
    ['P@ssw0rdP@ssw0rd1', /guessed first/],
    ['Summer2026!Summer', /guessed first/],
    ['abcdefghijklmnop', /guessed first/],
    ['this is my password', /guessed first/],
    ['12345678901234567', /guessed first/],
  ] as const) {
    test(`"${password.slice(0, 24)}" is refused`, () => {
      const found = findPasswordProblem(password, ann)
      assert.match(found === null ? '' : describePasswordProblem(found), problem)
    })
  }

  for (const password of [
    'correct horse battery staple',
    'lower case only words',
    '木漏れ日の中を歩く猫と古い時計塔の鐘',
    'k7Jw2pLq9ZxV4bNm',
    `${'long enough '.repeat(20)}z`,
  ]) {
    test(`"${password.slice(0, 24)}" is taken, without rules of composition`, () =>
      assert.equal(findPasswordProblem(password, ann), null))
  }

  test('of any length is judged in no time', () => {
    const started = performance.now()
    findPasswordProblem('qwertyuiopasdfgh'.repeat(100_000), ann)
    for (let i = 0; i < 100; i++) findPasswordProblem('qwertyuiop1'.repeat(23), ann)
    assert.ok(performance.now() - started < 2000)
  })
})
