import type { ContractValidator, ResponseMessage, Verdict } from '../../contract/compile-contract.ts'
import type { FoundOperation } from '../../contract/document-contract.ts'
import type { Answer } from '../../core/answer.ts'
import { type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { isJsonType } from '../../core/json-body.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { removeField } from '../../core/remove-field.ts'
import { type BodyInput, readBytes } from '../../input/read-body.ts'
import { createAnswerReport } from './answer-report.ts'
import { judgeHead } from './judge-head.ts'
import type { ValidateOptions } from './options.ts'
import { removeUnexpected } from './remove-unexpected.ts'

/** What an answer is judged up to while it passes; what is held may be as long as any that is held. */
const maxWatchedBytes = 1024 * 1024
const maxDecodedBytes = 8 * 1024 * 1024
/** What makes an upstream answer with a part of a document, or a compressed one. */
const partial = ['range', 'if-range', 'accept-encoding', 'te', 'a-im']
/** Digests of the bytes that came are none of those that go on (RFC 9530). */
const digests = ['content-digest', 'repr-digest', 'digest', 'content-md5', 'etag']

/** Judges answers by the operations of a document: while they pass, or held back where they may be changed or refused. */
export function createAnswerHooks(
  options: ValidateOptions,
  deps: PolicyDeps,
  find: (exchange: Exchange) => FoundOperation,
): Hooks {
  const mode = options.responses ?? 'observe'
  const removes = options.removeUnexpected && deps.mode === 'enforce'
  if (mode === 'off' && !removes) return {}
  const report = createAnswerReport(deps)

  function conclude(exchange: Exchange, answer: Answer, verdict: Verdict): Next | Refusal {
    const detail = report.tell(exchange, answer.status, verdict)
    return detail === null || mode !== 'enforce' ? next : refuse('contract_response', detail)
  }

  async function judgeHeld(
    exchange: Exchange,
    answer: Answer,
    bytes: Uint8Array,
    judge: ContractValidator<ResponseMessage>,
  ): Promise<Next | Refusal> {
    const { status, headers } = answer
    let body = await readBytes(headers, bytes, maxDecodedBytes)
    if (removes && body.kind === 'json') {
      const cut = removeUnexpected({ status, headers, body }, judge)
      if (cut !== null) {
        report.countRemoved(cut.removed)
        for (const name of digests) headers.delete(name)
        headers.delete('content-encoding')
        answer.body = Buffer.from(cut.text)
        body = await readBytes(headers, answer.body, maxDecodedBytes)
      }
    }
    return conclude(exchange, answer, judge.judge({ status, headers, body }))
  }

  function watch(exchange: Exchange, answer: Answer, judge: ContractValidator<ResponseMessage>): void {
    const chunks: Uint8Array[] = []
    let length = 0
    answer.watch((chunk) => {
      if (chunk !== null) {
        length += chunk.length
        if (length <= maxWatchedBytes) chunks.push(chunk)
        else chunks.length = 0
        return
      }
      if (length > maxWatchedBytes) return report.countUnjudged()
      const { status, headers } = answer
      const judgeRead = (body: BodyInput) => {
        report.tell(exchange, status, judge.judge({ status, headers, body }))
      }
      const read = readBytes(headers, Buffer.concat(chunks), maxDecodedBytes)
      if (read instanceof Promise) void read.then(judgeRead)
      else judgeRead(read)
    })
  }

  const holds = mode === 'enforce' || removes
  return {
    ...(holds && {
      responseBody: 'buffer' as const,
      needsAnswer: (exchange: Exchange, answer: Answer) => find(exchange).kind === 'operation' && isWholeJson(answer),
      /** The whole document, as it is. */
      forward({ headers, upstreamFields }: Exchange): Next {
        for (const name of partial) removeField(headers, name)
        upstreamFields.push('accept-encoding', 'identity')
        return next
      },
    }),
    respond(exchange, answer) {
      const { status, headers, source, body } = answer
      if (source !== 'upstream' && source !== 'handler') return next
      // What says nothing of its own: a protocol that begins, and a copy that is still good.
      if (status === 101 || status === 304) return next
      const found = find(exchange)
      if (found.kind !== 'operation') return next
      const judge = found.operation.response()
      if (typeof judge === 'string') {
        deps.log.error('contract_broken', { requestId: exchange.id, problem: judge })
        return mode === 'enforce' ? refuse('contract_broken', judge) : next
      }
      if (body !== null && isWholeJson(answer)) {
        return judgeHeld(exchange, answer, typeof body === 'string' ? Buffer.from(body) : body, judge)
      }
      if (!holds && isWholeJson(answer) && exchange.method !== 'HEAD' && status !== 204) {
        watch(exchange, answer, judge)
        return next
      }
      // A stream, or bytes: its status, its type and its fields are what is judged.
      const isEmpty = exchange.method === 'HEAD' || status === 204 || body?.length === 0
      if (!isEmpty) report.countUnjudged()
      return conclude(exchange, answer, judgeHead({ status, headers }, isEmpty, judge))
    },
  }
}

function isWholeJson({ status, headers }: Answer): boolean {
  const types = headers.all('content-type')
  return status !== 206 && !headers.has('content-range') && types.length === 1 && isJsonType(types[0])
}
