import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fakePolicies } from '../../../test/support/fake-policies.ts'
import { testGoldenFiles } from '../../../test/support/golden.ts'
import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { formatErrors } from '../../config/config-error.ts'
import { formatExplanation } from './format-explanation.ts'
import { parseHeader, parseMethod, parseUrl, toIncoming } from './parse-request.ts'
import { createPlan } from './plan.ts'

/** `GET https://api.example.com/orders/7 Accept: text/html | Origin: https://app.example.com` */
function explain(line: string, text: string): string {
  const compiled = compileSnapshot(text, { policies: fakePolicies })
  assert.ok(compiled.ok, compiled.ok ? '' : formatErrors(compiled.errors))
  const [method = '', url = '', ...fields] = line.split(' ')
  const headers = fields.length === 0 ? [] : fields.join(' ').split(' | ')
  const flat = headers.reduce<readonly string[]>((before, field) => parseHeader(field, before), [])
  const request = toIncoming(parseMethod(method), parseUrl(url), flat, '192.0.2.1')
  return `$ ${line}\n${formatExplanation(createPlan(request, compiled.snapshot), null, fakePolicies)}`
}

describe('the explanation of a request', () => {
  testGoldenFiles(join(import.meta.dirname, '../golden/explain'), 2, ([text = '', requests = '']) =>
    requests
      .trim()
      .split('\n')
      .map((line) => explain(line, text))
      .join('\n\n'),
  )
})
