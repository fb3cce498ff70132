import { type ContractValidator, compileResponse, type ResponseMessage } from '../../contract/compile-contract.ts'
import { type SampleAnswer, sampleAnswer } from '../../contract/sample/sample-answer.ts'
import { sampleRequest } from '../../contract/sample/sample-request.ts'
import { SchemaError } from '../../contract/schema/schema-error.ts'
import { Fields } from '../../core/fields.ts'
import type { Probe, ProbeTarget } from '../../core/probe.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import { toContractOptions } from './compile-options.ts'
import { toAnswerOptions } from './open-document.ts'
import type { ValidateOptions } from './options.ts'
import { toProbeRequest } from './to-probe-request.ts'

const unlisted = 'portcullisProbe'

/** An answer that is made up from the document, and others that change one thing of it. */
export function createAnswerProbes(
  operation: OperationContract,
  options: ValidateOptions,
  target: ProbeTarget,
): readonly Probe[] {
  const enforces = options.responses === 'enforce'
  const removes = options.removeUnexpected && !target.observe
  const request = sampleRequest(operation, toContractOptions(options))
  const sample = sampleAnswer(operation)
  const judge = compile(operation, options)
  if (!(enforces || removes) || request === null || sample === null || judge === null) return []
  if (!meets(judge, sample)) return []
  const probe = (name: string, kind: Probe['kind'], answer: SampleAnswer, expect: Probe['expect']): Probe => ({
    name,
    kind,
    standard: 'v5.0.0-15.3.1',
    requests: [{ ...toProbeRequest(request, target), answer: toProbeAnswer(answer) }],
    expect,
  })
  const refused: Probe['expect'] = target.observe
    ? { outcome: 'passed' }
    : { outcome: 'refused', problem: ['bad_gateway'], body: { excludes: [unlisted] } }
  const attacks: Probe[] = []
  const { status, value } = sample
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const more = { ...sample, value: { ...value, [unlisted]: 'secret' } }
    const cut: Probe['expect'] = { outcome: 'passed', status: [status], body: { excludes: [unlisted] } }
    if (!meets(judge, more)) {
      attacks.push(probe('an answer with a property that is not listed', 'attack', more, removes ? cut : refused))
    }
  }
  const other = { ...sample, value: Array.isArray(value) ? {} : [] }
  if (enforces && !meets(judge, other)) attacks.push(probe('an answer of another form', 'attack', other, refused))
  return [
    probe('an answer that meets the contract passes', 'honest', sample, { outcome: 'passed', status: [status] }),
    ...attacks,
  ]
}

/** Null where the document cannot be kept to, which `check` tells. */
function compile(operation: OperationContract, options: ValidateOptions): ContractValidator<ResponseMessage> | null {
  try {
    return compileResponse(operation, toAnswerOptions(options))
  } catch (error) {
    if (error instanceof SchemaError) return null
    throw error
  }
}

function meets(judge: ContractValidator<ResponseMessage>, { status, type, value }: SampleAnswer): boolean {
  const body = { kind: 'json', type, value, bytes: new Uint8Array(0) } as const
  return judge.judge({ status, headers: new Fields(['content-type', type]), body }).kind === 'meets'
}

function toProbeAnswer({ status, type, value }: SampleAnswer): NonNullable<Probe['requests'][0]['answer']> {
  return { status, headers: [['content-type', type]], body: JSON.stringify(value) }
}
