/** Below it nothing would be won: what a statement costs by itself, it costs for one row as well. */
const minPerBatch = 20
const maxPerBatch = 2000
/** What one batch should take at most: the thread that writes can do nothing else meanwhile, and others wait for it. */
const budgetMs = 4
/** After a batch that took less than this share of it, the next one is so much larger. */
const littleShare = 0.7
const growth = 1.25
const minRestMs = 10
/** So that no more than a sixth of the time is spent on it, and of what the disk can take, however much there is. */
const restPerWork = 5

/**
 * How many rows are removed at once, and how long the rest after that is. Nobody can know beforehand what a row costs: that is
 * the disk's matter, and the number of indexes. So each batch is measured, and the next one made to fit.
 */
export class PrunePace {
  #size = minPerBatch

  /** Rows of the next batch. */
  get size(): number {
    return this.#size
  }

  /** Takes how long a full batch took; answers for how long to rest. */
  note(tookMs: number): number {
    if (tookMs > budgetMs) this.#size = Math.max(minPerBatch, this.#size >> 1)
    else if (tookMs < budgetMs * littleShare) this.#size = Math.min(maxPerBatch, Math.ceil(this.#size * growth))
    return Math.max(minRestMs, tookMs * restPerWork)
  }
}
