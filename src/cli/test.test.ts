import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { runCli } from '../../test/support/run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
after(() => rmSync(folder, { recursive: true }))

const policies = (cedar: string) => `version: 1
listen: { http: { serve: true, reason: a test } }
upstreams: { shop: { targets: [http://127.0.0.1:3000] } }
issuers: { main: { issuer: https://login.example.com/, audience: shop } }
policySets: { all: { policies: [${cedar}] } }
routes:
  - { path: "/orders/{id}", methods: [GET], upstream: shop, authenticate: [jwt], authorize: { roles: [customer], policy: all } }
`
writeFileSync(join(folder, 'portcullis.yaml'), policies('good.cedar'))
writeFileSync(join(folder, 'bad.yaml'), policies('bad.cedar'))
writeFileSync(join(folder, 'good.cedar'), '@id("all") permit (principal, action, resource);')
writeFileSync(join(folder, 'bad.cedar'), 'permit (principal, action, resource)\n  whn { true };')
writeFileSync(
  join(folder, 'cases.yaml'),
  `cases:
  - name: 'a <customer> & "others" # 1'
    as: { issuer: main, id: alice, roles: [customer] }
    request: GET /orders/7
    expect: { decision: allow, reason: permitted by all }
  - name: a stranger
    as: { issuer: main, id: bob }
    request: GET /orders/7
    expect: allow
  - name: nobody
    request: GET /orders/7
    expect: { decision: deny, policy: rbac, code: credential_missing }
`,
)

const run = (...args: string[]) => runCli(folder, 'test', ...args)

describe('cases that are not as expected', () => {
  test('are told with their place, what was expected and what came', async () => {
    const ran = await run('cases.yaml')
    assert.equal(ran.status, 1)
    assert.equal(
      ran.stdout,
      `cases.yaml:6: a stranger
    expected allow, got deny (rbac role_missing: needs one of customer)
cases.yaml:10: nobody
    expected it of rbac, got deny (core credential_missing)
1 of 3 cases as expected
`,
    )
  })

  test('as TAP', async () => {
    const ran = await run('cases.yaml', '--format', 'tap')
    assert.equal(ran.status, 1)
    assert.equal(
      ran.stdout,
      `TAP version 14
1..3
ok 1 - a <customer> & "others" \\# 1
not ok 2 - a stranger
  ---
  message: "expected allow, got deny (rbac role_missing: needs one of customer)"
  at: "cases.yaml:6"
  ...
not ok 3 - nobody
  ---
  message: "expected it of rbac, got deny (core credential_missing)"
  at: "cases.yaml:10"
  ...
`,
    )
  })

  test('as JUnit', async () => {
    const ran = await run('cases.yaml', '--format', 'junit')
    const plain = ran.stdout.replace(/time="[\d.]+"/g, 'time="0"')
    assert.match(plain, /<testsuites tests="3" failures="2">/)
    assert.match(
      plain,
      /name="a &lt;customer&gt; &amp; &quot;others&quot; # 1" classname="cases.yaml" file="cases.yaml" line="2" time="0"\/>/,
    )
    assert.match(
      plain,
      /<failure message="expected allow, got deny \(rbac role_missing: needs one of customer\)">cases.yaml:6<\/failure>/,
    )
  })
})

describe('files that are wrong', () => {
  const wrong = async (text: string) => {
    writeFileSync(join(folder, 'wrong.yaml'), text)
    return run('wrong.yaml')
  }

  test('are refused with line and column', async () => {
    const ran = await wrong('cases:\n  - name: x\n    reqest: GET /\n    request: get /\n    expect: maybe\n')
    assert.equal(ran.status, 2)
    assert.match(ran.stderr, /wrong\.yaml:3:5: unknown key "reqest"\n {4}Did you mean "request"\?/)
    assert.match(ran.stderr, /wrong\.yaml:4:/)
    assert.match(ran.stderr, /wrong\.yaml:5:/)
    assert.equal((await run('missing.yaml')).status, 2)
  })

  test('so are policies in files beside the policy file', async () => {
    const ran = await run('cases.yaml', '--config', 'bad.yaml')
    assert.equal(ran.status, 2)
    assert.match(ran.stderr, /^bad\.cedar:2:3: .*invalid policy condition: whn/)
  })
})
