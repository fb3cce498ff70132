export type Engine = typeof import('@cedar-policy/cedar-wasm/nodejs')

let loading: Promise<Engine> | null = null

/** Four megabytes of WebAssembly: loaded once per thread, and only where a file names policy sets. */
export function loadEngine(): Promise<Engine> {
  loading ??= import('@cedar-policy/cedar-wasm/nodejs')
  return loading
}
