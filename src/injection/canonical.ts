import { mayEncode, suspect } from './suspicion.ts'
import { undoEscapes } from './undo-escapes.ts'

/** Text that was encoded four times over is no text that anybody sends. */
const maxRounds = 3

/**
 * The ways to read a value: as it came, and as programs would read it that undo escapes once more than
 * they should. One view alone would not do: undoing an escape may hide what stands around it.
 */
export function toViews(text: string, bits: number): readonly string[] {
  const views = [text]
  if ((bits & mayEncode) === 0) return views
  let current = text
  for (let round = 0; round < maxRounds; round++) {
    const undone = undoEscapes(current)
    if (undone === current) break
    current = undone
    views.push(undone)
    if ((suspect(undone) & mayEncode) === 0) break
  }
  return views
}
