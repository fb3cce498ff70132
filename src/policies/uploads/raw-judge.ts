import { type BodyJudge, toRefusal } from './body-judge.ts'
import type { Finding, Watch } from './finding.ts'

/** Judges a body that is one file. Its end is known with its last byte where its length was declared. */
export function createRawJudge(file: Watch, declaredLength: number | null): BodyJudge {
  let received = 0
  let ended = false

  const settle = (found: Finding | null) => (found === null ? null : toRefusal(found, ''))

  async function end() {
    // Nothing at all is no file: whether there has to be a body is another policy's to say.
    if (ended || received === 0) return null
    ended = true
    return settle(await file.end())
  }

  return {
    async take(chunk) {
      received += chunk.length
      const refused = settle(await file.write(chunk))
      // The chunk goes on when this settles, and with it the upstream would have the whole file.
      return refused ?? (received === declaredLength ? end() : null)
    },
    end,
    close: () => file.close?.(),
  }
}
