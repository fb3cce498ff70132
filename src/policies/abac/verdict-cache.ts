import { BoundedCache } from '../../core/bounded-cache.ts'
import type { PolicyEngine, Verdict } from './policy-engine.ts'
import type { ConfiguredEntity } from './policy-sets-block.ts'
import type { Question } from './request-entities.ts'

const maxVerdicts = 10_000
const maxKeyLength = 16 * 1024 * 1024
/** Questions with large bodies do not come twice. */
const maxQuestionLength = 16 * 1024

/**
 * Remembers verdicts by everything that entered them: the caller with its roles as they are now, the resource, the
 * context with its time. So what changed asks another question, and other policies have a cache of their own. Entities
 * that are fetched are the exception: where they change, everything is forgotten.
 */
export class VerdictCache {
  #verdicts = createVerdicts()
  readonly #engine: PolicyEngine
  hits = 0
  misses = 0

  constructor(engine: PolicyEngine) {
    this.#engine = engine
  }

  get size(): number {
    return this.#verdicts.size
  }

  ask(question: Question): Verdict {
    const key = JSON.stringify(question)
    const known = key.length > maxQuestionLength ? undefined : this.#verdicts.get(key)
    if (known !== undefined) {
      this.hits++
      return known
    }
    this.misses++
    const verdict = this.#engine.ask(question)
    if (key.length <= maxQuestionLength) this.#verdicts.set(key, verdict)
    return verdict
  }

  useEntities(entities: readonly ConfiguredEntity[]): void {
    this.#engine.useEntities(entities)
    this.#verdicts = createVerdicts()
  }

  close(): void {
    this.#engine.close()
  }
}

function createVerdicts(): BoundedCache<Verdict> {
  return new BoundedCache({ maxEntries: maxVerdicts, maxKeyLength })
}
