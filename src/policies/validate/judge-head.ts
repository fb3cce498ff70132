import type { ContractValidator, ResponseMessage, Verdict } from '../../contract/compile-contract.ts'
import { parseMediaType } from '../../input/media-type.ts'
import type { BodyInput } from '../../input/read-body.ts'

const noBytes = new Uint8Array(0)

/** Judges an answer by everything but its body, of which only the type is looked at. */
export function judgeHead(
  { status, headers }: Pick<ResponseMessage, 'status' | 'headers'>,
  isEmpty: boolean,
  judge: ContractValidator<ResponseMessage>,
): Verdict {
  const [type] = headers.all('content-type')
  const essence = parseMediaType(type ?? '')?.essence
  const body: BodyInput =
    isEmpty || essence === undefined ? { kind: 'none' } : { kind: 'binary', type: essence, bytes: noBytes }
  const verdict = judge.judge({ status, headers, body })
  if (verdict.kind !== 'violates') return verdict
  const violations = verdict.violations.filter((one) => one.in !== 'body' || one.rule === 'status')
  return violations.length === 0 ? { kind: 'meets' } : { kind: 'violates', violations }
}
