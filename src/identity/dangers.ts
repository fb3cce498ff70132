import type { IdentityOptions } from './options.ts'

/** Something that the block allows and that a person should know at every start. */
export interface Danger {
  /** Within the block. */
  readonly path: readonly (string | number)[]
  readonly text: string
  readonly reason: string | null
}

export function listDangers({ clients }: IdentityOptions): Danger[] {
  return clients.flatMap(({ id, exchanges }, i) => {
    if (exchanges !== 'impersonate') return []
    const text = `the client "${id}" exchanges tokens without being named in them: nobody sees that it acts`
    return [{ path: ['clients', i, 'exchanges'], text, reason: null }]
  })
}
