import type { AnyPolicy } from '../../core/policy.ts'
import { toConfigKey } from '../../core/policy.ts'
import { describe } from '../issues/word-issue.ts'
import type { KeyPath } from '../source/key-path.ts'
import { type Complain, parseWith } from './delegate.ts'
import { reasonText } from './reason.ts'
import type { Setting } from './setting.ts'

/** What a place of the file asks of the words that stand beside a policy's options. */
export interface Beside {
  /** Whether `mode` may stand there. */
  readonly mode: boolean
  /**
   * `always`: weakening what is inherited needs it. `weakens`: the policy itself does. `observe`: only `mode: observe`
   * may have one, and with `required` must.
   */
  readonly reason: 'always' | 'weakens' | 'observe'
  readonly required?: boolean
}

type Plain = Readonly<Record<string, unknown>>

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads one policy's options: writes out a short form, takes `mode` and `reason` apart, and lets the policy's own
 * schema judge the rest.
 * @param value what stands in the file
 * @param at where, from the value that is being read
 * @param path where, from the block
 */
export function readSetting(
  policy: AnyPolicy,
  value: unknown,
  beside: Beside,
  at: KeyPath,
  path: KeyPath,
  complain: Complain,
): Setting | undefined {
  const key = toConfigKey(policy.name)
  const input = isPlain(value) ? value : readShorthand(policy, value, at, complain)
  if (input === undefined) return undefined
  const words = readWords(input, beside, at, complain)
  const { mode: _mode, reason: _reason, ...own } = input
  const parsed = parseWith(policy.options, beside.mode ? own : withMode(own, input))
  if (!parsed.ok) complain(parsed.findings.map((finding) => ({ ...finding, path: [...at, ...finding.path] })))
  if (!parsed.ok || words === undefined) return undefined
  return { policy, key, input: own, options: parsed.value, ...words, path }
}

/** Where there is no mode, the policy's schema shall say that it does not know the key. */
function withMode(own: Plain, input: Plain): Plain {
  return Object.hasOwn(input, 'mode') ? { ...own, mode: input.mode } : own
}

function readShorthand(policy: AnyPolicy, value: unknown, at: KeyPath, complain: Complain): Plain | undefined {
  if (policy.shorthand === undefined) {
    const hint = value === null ? 'Write {} for the defaults.' : null
    complain({ path: at, message: `must be an object (keys and values), not ${describe(value)}`, hint })
    return undefined
  }
  const parsed = parseWith(policy.shorthand, value)
  if (parsed.ok && isPlain(parsed.value)) return parsed.value
  if (!parsed.ok) complain(parsed.findings.map((finding) => ({ ...finding, path: [...at, ...finding.path] })))
  return undefined
}

type Words = Pick<Setting, 'mode' | 'reason'>

function readWords(input: Plain, beside: Beside, at: KeyPath, complain: Complain): Words | undefined {
  const mode = beside.mode ? readMode(input, at, complain) : null
  const reason = readReason(input, at, complain)
  if (mode === undefined || reason === undefined) return undefined
  if (beside.reason !== 'observe' && reason === null) {
    const why = beside.reason === 'always' ? 'it weakens what is inherited' : 'it adds a risk'
    complain({ path: at, part: 'key', message: `needs a \`reason\`: ${why}` })
    return undefined
  }
  if (beside.reason === 'observe' && reason !== null && mode !== 'observe') {
    complain({
      path: [...at, 'reason'],
      part: 'key',
      message: 'a `reason` belongs to `mode: observe`, which is not set',
    })
    return undefined
  }
  if (beside.required && mode === 'observe' && reason === null) {
    complain({ path: [...at, 'mode'], message: '`mode: observe` lets everyone in here: it needs a `reason` beside it' })
    return undefined
  }
  return { mode, reason }
}

function readMode(input: Plain, at: KeyPath, complain: Complain): Setting['mode'] | undefined {
  const { mode } = input
  if (!Object.hasOwn(input, 'mode')) return null
  if (mode === 'enforce' || mode === 'observe') return mode
  complain({ path: [...at, 'mode'], message: 'must be "enforce" or "observe"' })
  return undefined
}

function readReason(input: Plain, at: KeyPath, complain: Complain): string | null | undefined {
  if (!Object.hasOwn(input, 'reason')) return null
  const parsed = parseWith(reasonText(), input.reason)
  if (parsed.ok) return parsed.value
  complain(parsed.findings.map((finding) => ({ ...finding, path: [...at, 'reason'] })))
  return undefined
}
