import type { BodyWatcher } from '../core/body.ts'
import type { Exchange } from '../core/exchange.ts'

/** Shows watchers what is sent. Evidence never harms an answer: what a watcher throws is noted and passed over. */
export function showChunk(exchange: Exchange, watchers: readonly BodyWatcher[], chunk: Uint8Array | null): void {
  for (const watch of watchers) {
    try {
      watch(chunk)
    } catch (error) {
      exchange.fault ??= error
    }
  }
}

/** Shows a body that is sent at once. */
export function showWhole(exchange: Exchange, watchers: readonly BodyWatcher[], body: Uint8Array | string): void {
  if (body.length > 0) showChunk(exchange, watchers, typeof body === 'string' ? Buffer.from(body) : body)
  showChunk(exchange, watchers, null)
}
