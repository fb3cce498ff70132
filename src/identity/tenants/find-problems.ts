import { listIssuers } from '../issuers.ts'
import type { IdentityOptions } from '../options.ts'
import { findPasskeyProblems } from '../passkeys/options.ts'
import { listResources } from '../resources.ts'

export interface TenantProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** What is wrong with the issuers of a block, judged together: each tenant is one. */
export function findTenantProblems(options: IdentityOptions): TenantProblem[] {
  const problems: TenantProblem[] = []
  const [issuers, names] = [new Map<string, string>(), new Map<string, string>()]
  for (const each of listIssuers(options)) {
    const { realm, issuer, mail, signUp, providers, passkeys, clients, secondFactor } = each
    const base = realm === undefined ? [] : ['tenants', realm]
    const add = (message: string, ...path: (string | number)[]) => problems.push({ path: [...base, ...path], message })
    const who = realm === undefined ? 'the block itself' : `the tenant "${realm}"`
    const other = issuers.get(issuer)
    if (other !== undefined) add(`is that of ${other} too`, 'issuer')
    issuers.set(issuer, who)
    if (realm !== undefined && realm === options.tenant)
      add('its accounts log in at the block itself already (`tenant`): leave one of the two out')
    if (signUp !== 'off' && mail === undefined && providers === undefined)
      add('needs `mail`, by which addresses are verified, or `providers`', 'signUp')
    for (const { path, message } of findPasskeyProblems(issuer, passkeys)) add(message, 'passkeys', ...path)
    const resources = listResources(each)
    for (const { name } of resources) {
      const same = names.get(name)
      if (same !== undefined) add(`"${name}" is what a resource of ${same} is called`, 'resources')
      names.set(name, who)
    }
    const known = new Set(resources.map(({ identifier }) => identifier))
    clients.forEach((client, i) => {
      if (secondFactor === 'required' && client.legacy?.password !== undefined)
        add('with `secondFactor: required` a password alone opens nothing', 'clients', i, 'legacy')
      const unknown = client.resources?.find((identifier) => !known.has(identifier))
      if (unknown === undefined) return
      const there = [...known].join(', ')
      add(`"${unknown}" is the identifier of no resource; there are ${there}`, 'clients', i, 'resources')
    })
  }
  return problems
}
