import { checkPairs } from './check-pairs.ts'
import { type BodyJudge, type Finding, malformed, tooMuch } from './finding.ts'
import type { StructureLimitsOptions } from './options.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Holds the form until its end: a name may come twice anywhere in it. */
export function createFormJudge(limits: StructureLimitsOptions['form']): BodyJudge {
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    write(bytes) {
      length += bytes.length
      if (length > limits.maxBytes) return tooMuch('body', '', 'maxBytes', `at most ${limits.maxBytes} bytes`)
      chunks.push(bytes)
      return null
    },
    end: () => checkForm(Buffer.concat(chunks), limits),
  }
}

function checkForm(bytes: Uint8Array, limits: StructureLimitsOptions['form']): Finding | null {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return malformed('body', '', 'utf8', 'UTF-8')
  }
  return checkPairs('body', text, limits)
}
