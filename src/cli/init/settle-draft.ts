import { compileSnapshot } from '../../config/compile-snapshot.ts'
import { type ConfigError, formatErrors } from '../../config/config-error.ts'
import type { Draft } from './draft.ts'
import { renderDraft } from './render-draft.ts'

/**
 * Writes the draft as a policy file that is right: what a document says of two paths or of a header field may be no
 * more than a policy file can hold. Such routes are left out, and said.
 * @param file what the policy file will be called
 */
export function settleDraft(draft: Draft, file: string): { readonly draft: Draft; readonly text: string } {
  let settled = draft
  for (;;) {
    const text = renderDraft(settled)
    const compiled = compileSnapshot(text, { file })
    if (compiled.ok) return { draft: settled, text }
    const less = leaveOut(settled, compiled.errors)
    if (less === null) throw new Error(`the file that init made is not valid:\n${formatErrors(compiled.errors)}`)
    settled = less
  }
}

/** The draft without what the errors are about; null where they are about nothing that could be missed. */
function leaveOut(draft: Draft, errors: readonly ConfigError[]): Draft | null {
  const wrong = new Map<number, string>()
  for (const { path, message } of errors) {
    const [, index] = /^routes\[(\d+)\]/.exec(path) ?? []
    if (index !== undefined && !wrong.has(Number(index))) wrong.set(Number(index), message)
  }
  if (wrong.size > 0) {
    const warnings = [...wrong].map(([i, message]) => {
      const { methods, origin } = draft.routes[i] ?? { methods: [], origin: '' }
      return `${methods.join(',')} ${origin} is left out: ${message.replace(/ \(line \d+\)/, '')}`
    })
    const routes = draft.routes.filter((_, i) => !wrong.has(i))
    return { ...draft, routes, warnings: [...draft.warnings, ...warnings] }
  }
  const [unfit] = errors.filter(({ path }) => path.startsWith('defaults.apiKey'))
  if (unfit === undefined || draft.keyHeaders.length === 0) return null
  const warning = `keys are read from X-API-Key only, not from ${draft.keyHeaders.join(', ')}: ${unfit.message}`
  return { ...draft, keyHeaders: [], warnings: [...draft.warnings, warning] }
}
