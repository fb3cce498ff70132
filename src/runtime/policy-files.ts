import { resolve } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import { policies } from '../policies/index.ts'

/** The files that policies read when they are made, whose change calls for a reload. */
export function policyFiles({ routes, fallback, baseFolder }: Snapshot): string[] {
  const files = new Set<string>()
  for (const route of [...routes, fallback]) {
    for (const { name, options } of route.policies) {
      const policy = policies.find((known) => known.name === name)
      for (const reference of policy?.files?.(options) ?? []) {
        if (reference.startsWith('file:')) files.add(resolve(baseFolder, reference.slice('file:'.length)))
      }
    }
  }
  return [...files]
}
