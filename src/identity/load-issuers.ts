type CreateIssuers = typeof import('./tenants/create-issuers.ts').createIssuers

let loading: Promise<CreateIssuers> | undefined

/** Loads the identity server, once in a thread, where a file asks for one: it is a lot to read. */
export function loadIssuers(): Promise<CreateIssuers> {
  loading ??= load()
  return loading
}

/**
 * oidc-provider warns of every Node that is not, or not yet, a release with long-term support, once in each thread. Portcullis is
 * tested on the one that it says it needs, so that one message is kept back; whatever else is said meanwhile is said.
 */
async function load(): Promise<CreateIssuers> {
  const { warn } = console
  console.warn = (...said: unknown[]) => {
    if (!String(said[0]).includes('oidc-provider WARNING: Unsupported runtime.')) warn(...said)
  }
  try {
    await import('oidc-provider')
  } finally {
    console.warn = warn
  }
  return (await import('./tenants/create-issuers.ts')).createIssuers
}
