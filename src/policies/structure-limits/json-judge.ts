import type { JsonFault, JsonLimits, JsonRule } from '../../core/json-limits.ts'
import { JsonScanner } from '../../core/json-scanner.ts'
import { type BodyJudge, type Finding, malformed, tooMuch } from './finding.ts'

const expectations: Readonly<Record<JsonRule, (limits: JsonLimits) => string>> = {
  syntax: () => 'JSON (RFC 8259)',
  utf8: () => 'UTF-8',
  byteOrderMark: () => 'no byte order mark',
  surrogate: () => 'whole characters',
  control: () => 'no control characters',
  duplicate: () => 'each name once',
  forbiddenName: () => 'another name',
  maxDepth: ({ maxDepth }) => `at most ${maxDepth} levels`,
  maxMembers: ({ maxMembers }) => `at most ${maxMembers} members in all`,
  maxItems: ({ maxItems }) => `at most ${maxItems} elements`,
  maxStringBytes: ({ maxStringBytes }) => `at most ${maxStringBytes} bytes`,
  maxNameBytes: ({ maxNameBytes }) => `names of at most ${maxNameBytes} bytes`,
  maxDigits: ({ maxDigits }) => `at most ${maxDigits} digits`,
  maxNumber: ({ maxNumber }) => `a magnitude of at most ${maxNumber}`,
}

export function createJsonJudge(limits: JsonLimits): BodyJudge {
  const scanner = new JsonScanner(limits)
  return {
    write: (bytes) => toFinding(scanner.write(bytes), limits),
    end: () => toFinding(scanner.end(), limits),
  }
}

function toFinding(fault: JsonFault | null, limits: JsonLimits): Finding | null {
  if (fault === null) return null
  const { rule, at } = fault
  return (rule.startsWith('max') ? tooMuch : malformed)('body', at, rule, expectations[rule](limits))
}
