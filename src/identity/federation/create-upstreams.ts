import type { CustomProvider, ProvidersOptions } from './options.ts'
import { apple, custom, facebook, github, google, microsoft, type UpstreamDeps } from './presets.ts'
import type { Upstream } from './upstream.ts'

export type Upstreams = ReadonlyMap<string, Upstream>

// biome-ignore lint/suspicious/noExplicitAny: each is called with the options of its own name
const presets: Readonly<Record<string, (options: any, deps: UpstreamDeps) => Promise<Upstream>>> = {
  google,
  microsoft,
  apple,
  github,
  facebook,
}

/** The servers of a policy file, in its order. Rejects where a secret cannot be read. */
export async function createUpstreams(providers: ProvidersOptions, deps: UpstreamDeps): Promise<Upstreams> {
  const made = Object.entries(providers).map(([name, options]) => {
    const preset = Object.hasOwn(presets, name) ? presets[name] : undefined
    return preset === undefined ? custom(name, options as CustomProvider, deps) : preset(options, deps)
  })
  return new Map((await Promise.all(made)).map((upstream) => [upstream.name, upstream]))
}
