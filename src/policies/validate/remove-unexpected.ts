import type { ContractValidator, ResponseMessage } from '../../contract/compile-contract.ts'
import { JsonValuesError, replaceJsonValues } from '../../core/json-values.ts'
import { createPointerTree, parsePointer } from '../../core/pointer-tree.ts'
import type { BodyInput } from '../../input/read-body.ts'

const unlisted = new Set(['additionalProperties', 'unevaluatedProperties'])
/** What was cut out may show what else is unexpected. */
const maxRounds = 20

type JsonMessage = ResponseMessage & { readonly body: Extract<BodyInput, { kind: 'json' }> }

/** The body without the properties that the contract does not list, otherwise as it came; null where there are none. */
export function removeUnexpected(
  message: JsonMessage,
  judge: ContractValidator<ResponseMessage>,
): { readonly text: string; readonly removed: number } | null {
  let text = new TextDecoder().decode(message.body.bytes)
  let removed = 0
  let { body } = message
  for (let round = 0; round < maxRounds; round++) {
    const verdict = judge.judge({ ...message, body })
    if (verdict.kind !== 'violates') break
    const pointers = verdict.violations
      .filter((one) => one.in === 'body' && unlisted.has(one.rule))
      .flatMap(({ at }) => toTokens(at) ?? [])
    if (pointers.length === 0) break
    try {
      text = replaceJsonValues(text, createPointerTree(pointers), () => undefined)
    } catch (error) {
      if (error instanceof JsonValuesError) break
      throw error
    }
    removed += pointers.length
    body = { ...body, value: JSON.parse(text) as unknown }
  }
  return removed === 0 ? null : { text, removed }
}

/** In a list, for `flatMap`. A name that is `*` would stand for every name, so it stays and is refused. */
function toTokens(at: string): [string[]] | null {
  const tokens = parsePointer(at)
  return tokens === null || tokens.includes('*') ? null : [tokens]
}
