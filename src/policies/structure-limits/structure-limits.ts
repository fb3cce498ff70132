import type { BodyInspector } from '../../core/body.ts'
import { type Decision, next, type Refusal } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { parseContentCoding } from '../../input/content-coding.ts'
import type { Decoded } from '../../input/decode-body.ts'
import { readInput } from '../../input/request-input.ts'
import { checkPairs } from './check-pairs.ts'
import { type CheckedType, checkType } from './check-type.ts'
import { type BodyJudge, type Finding, malformed, toRefusal } from './finding.ts'
import { createFormJudge } from './form-judge.ts'
import { createJsonJudge } from './json-judge.ts'
import { createMultipartJudge } from './multipart-judge.ts'
import type { StructureLimitsOptions } from './options.ts'
import { createTextJudge, createXmlJudge } from './text-judges.ts'

/** A compressed body is held to be judged, as long as it is; what it unpacks to is bounded by `body-limits`. */
const maxCompressedBytes = 1024 * 1024

export function createStructureLimits(options: StructureLimitsOptions, deps: PolicyDeps): Hooks {
  const judged = deps.slot<Uint8Array>()
  const observes = deps.mode === 'observe'

  function createJudge({ kind, parameters }: CheckedType): BodyJudge | null {
    switch (kind) {
      case 'json':
        return createJsonJudge(options.json)
      case 'form':
        return createFormJudge(options.form)
      case 'multipart':
        return createMultipartJudge(options.multipart, parameters.get('boundary') ?? '')
      case 'xml':
        return createXmlJudge()
      case 'text':
        return createTextJudge()
      case 'binary':
        return null
    }
  }

  /** Judges a body that is there, before anything of it is parsed. */
  function judgeWhole(exchange: Exchange, bytes: Uint8Array): Decision | Promise<Decision> {
    judged.set(exchange, bytes)
    if (bytes.length === 0) return next
    const type = checkType(exchange, options)
    if ('code' in type) return type
    const judge = createJudge(type)
    if (judge === null) return next
    const decide = (decoded: Decoded): Decision => {
      const finding = decoded.ok
        ? (judge.write(decoded.bytes) ?? judge.end())
        : malformed('body', '', 'encoding', 'what its Content-Encoding says', decoded.problem)
      if (finding !== null) return toRefusal(finding)
      if (type.kind === 'json') readInput(exchange).markScanned()
      return next
    }
    const { decoded } = readInput(exchange)
    return decoded instanceof Promise ? decoded.then(decide) : decide(decoded)
  }

  /** Judges a body on its way to the upstream; what it holds stays there. */
  function judgeStream(exchange: Exchange): Decision | Promise<Decision> {
    const type = checkType(exchange, options)
    if ('code' in type) {
      // Of a body without a declared length, nobody knows yet whether there is one.
      if (exchange.body.declaredLength !== null) return type
      exchange.body.inspect(createFirstByteInspector(exchange, type))
      return next
    }
    const judge = createJudge(type)
    if (judge === null) return next
    const encoding = exchange.headers.all('content-encoding').join(',')
    if (parseContentCoding(encoding).kind !== 'none') return observes ? next : collect(exchange)
    exchange.body.inspect(createInspector(exchange, judge))
    return next
  }

  async function collect(exchange: Exchange): Promise<Decision> {
    const collected = await exchange.body.collect(maxCompressedBytes)
    return 'kind' in collected ? collected : judgeWhole(exchange, collected)
  }

  function createInspector(exchange: Exchange, judge: BodyJudge): BodyInspector {
    const { declaredLength } = exchange.body
    let received = 0
    let isOver = false
    return (chunk) => {
      if (isOver) return next
      received += chunk?.length ?? 0
      let finding = chunk === null ? null : judge.write(chunk)
      // With a declared length the upstream has it all once it has the last chunk, so that is judged as the end.
      const isLast = chunk === null || received === declaredLength
      if (isLast) finding ??= judge.end()
      isOver = isLast || finding !== null
      return finding === null ? next : settle(exchange, toRefusal(finding))
    }
  }

  function createFirstByteInspector(exchange: Exchange, refusal: Refusal): BodyInspector {
    let isOver = false
    return (chunk) => {
      if (isOver || chunk === null || chunk.length === 0) return next
      isOver = true
      return settle(exchange, refusal)
    }
  }

  function settle(exchange: Exchange, refusal: Refusal): Decision {
    if (observes) return exchange.pipeline.observe(exchange, 'structure-limits', refusal)
    exchange.decidedBy ??= 'structure-limits'
    return refusal
  }

  return {
    body: judgeWhole,
    validate(exchange) {
      const { query, body } = exchange
      if (query !== '') {
        const finding: Finding | null = checkPairs('query', query, options.query)
        if (finding !== null) return toRefusal(finding)
      }
      const { bytes, declaredLength } = body
      if (declaredLength === 0) return next
      if (bytes === null) return judgeStream(exchange)
      return judged.get(exchange) === bytes ? next : judgeWhole(exchange, bytes)
    },
    waitsForBody: true,
  }
}
