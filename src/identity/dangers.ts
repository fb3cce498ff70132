import type { IdentityOptions } from './options.ts'

/** Something that the block allows and that a person should know at every start. */
export interface Danger {
  /** Within the block. */
  readonly path: readonly (string | number)[]
  readonly text: string
  readonly reason: string | null
}

export function listDangers({ clients, tenants }: IdentityOptions): Danger[] {
  const ofTenants = Object.entries(tenants).flatMap(([name, tenant]) =>
    listDangersOf(tenant.clients).map((danger) => ({ ...danger, path: ['tenants', name, ...danger.path] })),
  )
  return [...listDangersOf(clients), ...ofTenants]
}

function listDangersOf(clients: IdentityOptions['clients']): Danger[] {
  return clients.flatMap(({ id, exchanges, legacy }, i): Danger[] => {
    const say = (path: readonly string[], text: string, reason: string | null = null) => [
      { path: ['clients', i, ...path], text: `the client "${id}" ${text}`, reason },
    ]
    const { implicit, password } = legacy ?? {}
    return [
      ...(exchanges === 'impersonate'
        ? say(['exchanges'], 'exchanges tokens without being named in them: nobody sees that it acts')
        : []),
      ...(implicit === undefined
        ? []
        : say(['legacy', 'implicit'], `gets tokens in addresses until ${implicit.until}`, implicit.reason)),
      ...(password === undefined
        ? []
        : say(['legacy', 'password'], `takes the passwords of people until ${password.until}`, password.reason)),
    ]
  })
}
