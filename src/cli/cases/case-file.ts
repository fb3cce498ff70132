import { z } from 'zod'
import { type ConfigError, createReport } from '../../config/config-error.ts'
import { readTextFile } from '../../config/read-text-file.ts'
import { parseWith } from '../../config/schema/delegate.ts'
import type { Position } from '../../config/snapshot.ts'
import { readYaml } from '../../config/source/yaml-source.ts'

const maxBytes = 4 * 1024 * 1024
const text = z.string().min(1).max(2048)
const names = z.array(text).max(256).default([])

const caller = z.strictObject({
  issuer: text.describe('A name under `issuers`, the claim `iss`, or `portcullis`.'),
  id: text,
  kind: z.enum(['user', 'service']).default('user'),
  tenant: text.optional(),
  roles: names,
  scopes: names,
  attributes: z.record(z.string(), z.unknown()).default({}),
})

const request = z.strictObject({
  method: z.string().regex(/^[A-Z][A-Z-]{0,31}$/, { error: 'not a method in upper case, such as GET' }),
  url: text,
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  client: text.default('127.0.0.1'),
})

const shortRequest = z
  .string()
  .regex(/^[A-Z][A-Z-]{0,31} \S+$/, { error: 'not a method and a URL, such as GET /orders/7' })
  .transform((line) => request.parse({ method: line.split(' ')[0], url: line.split(' ')[1] }))

const decision = z.enum(['allow', 'deny'])

const expectation = z.strictObject({
  decision,
  policy: text.optional().describe('The policy that refuses.'),
  code: text.optional().describe('The private code of the refusal.'),
  reason: text.optional().describe('A part of what the policies say of it, as in `portcullis can`.'),
})

const testCase = z.strictObject({
  name: text,
  as: caller.optional().describe('Who calls, taken for identified. Without it: nobody.'),
  request: z.union([shortRequest, request]),
  expect: z.union([decision.transform((word) => expectation.parse({ decision: word })), expectation]),
})

const caseFile = z.strictObject({
  policyFile: text.default('portcullis.yaml').describe('From the folder of this file.'),
  cases: z.array(testCase).min(1).max(10_000),
})

export type TestCase = z.output<typeof testCase> & { readonly position: Position | null }

export interface CaseFile {
  readonly file: string
  readonly policyFile: string
  readonly cases: readonly TestCase[]
}

/** Reads a file of cases; every mistake comes back with line and column. */
export async function readCaseFile(file: string): Promise<CaseFile | readonly ConfigError[]> {
  const found = await readTextFile(file, maxBytes)
  if (typeof found !== 'string') return [{ file, position: null, path: '', ...found }]
  const read = readYaml(found, file)
  if (!read.ok) return read.errors
  const { source, errors } = read
  const report = createReport(source, errors)
  const parsed = parseWith(caseFile, source.value)
  if (!parsed.ok) {
    for (const { path, message, hint, part } of parsed.findings) report.add(path, message, { hint, part })
    return report.errors
  }
  if (report.errors.length > 0) return report.errors
  const cases = parsed.value.cases.map((one, i) => ({ ...one, position: source.positionOf(['cases', i], 'value') }))
  return { file, policyFile: parsed.value.policyFile, cases }
}
