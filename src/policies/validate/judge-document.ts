import type { FoundOperation, JudgedOperation } from '../../contract/document-contract.ts'
import { type Decision, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { PolicyLog } from '../../core/telemetry.ts'
import { parseMediaType } from '../../input/media-type.ts'
import type { BodyInput } from '../../input/read-body.ts'
import { type RequestInput, readInput } from '../../input/request-input.ts'
import { toDecision } from './to-decision.ts'

const noBytes = new Uint8Array(0)

/** Judges a request by the operation that it is for. */
export function judgeOperation(
  exchange: Exchange,
  { operation, params }: Extract<FoundOperation, { kind: 'operation' }>,
): Decision | Promise<Decision> {
  const input = readInput(exchange)
  const { headers } = exchange
  const judge = ({ query, cookies }: RequestInput, body: BodyInput): Decision =>
    toDecision(operation.request.judge({ params, query, headers, cookies, body }))
  const body = readRequestBody(exchange, input, operation)
  return body instanceof Promise ? body.then((read) => judge(input, read)) : judge(input, body)
}

/** Of a body that streams by, its type alone is known. */
function readRequestBody(
  { body, headers }: Exchange,
  input: RequestInput,
  operation: JudgedOperation,
): BodyInput | Promise<BodyInput> {
  if (operation.readsBody || body.bytes !== null) return input.body
  const types = headers.all('content-type')
  // What comes without a type is bytes (RFC 9110 section 8.3).
  const type = types.length > 1 ? null : parseMediaType(types[0] ?? 'application/octet-stream')
  if (type === null) return { kind: 'unreadable', problem: 'the Content-Type cannot be read' }
  return { kind: 'binary', type: type.essence, bytes: noBytes }
}

/** Why a request for which the document has no operation, or none that can be kept to, is refused. */
export function refuseUnknown(
  { id, method, path }: Exchange,
  found: Exclude<FoundOperation, { kind: 'operation' }>,
  log: PolicyLog,
): Refusal {
  switch (found.kind) {
    case 'no-path':
      return refuse('contract_no_operation', `no operation for ${method} ${path}`)
    case 'no-method':
      return refuse('contract_no_method', `no operation for ${method} ${path}`, {
        headers: [['allow', found.allowed.join(', ')]],
      })
    case 'broken':
      log.error('contract_broken', { requestId: id, problem: found.problem })
      return refuse('contract_broken', found.problem)
  }
}
