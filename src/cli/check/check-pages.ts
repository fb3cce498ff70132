import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Snapshot } from '../../config/snapshot.ts'
import { listIssuers } from '../../identity/issuers.ts'
import type { IdentityOptions } from '../../identity/options.ts'
import { createLooks } from '../../identity/pages/look.ts'
import type { Finding } from './finding.ts'

/** The files of the identity server's pages: with one that cannot be used, nothing starts. */
export async function checkPages({ blocks, baseFolder }: Snapshot): Promise<Finding[]> {
  const identity = blocks.identity as IdentityOptions | undefined
  if (identity === undefined) return []
  const read = (reference: string) => readFile(resolve(baseFolder, reference.slice('file:'.length)))
  const problems = new Set<string>()
  for (const { issuer, pages } of listIssuers(identity)) {
    try {
      await createLooks(pages, new URL(issuer).host, read)
    } catch (error) {
      // What is not on this machine is told with the other references.
      if (!(error instanceof Error) || 'syscall' in error) continue
      problems.add(error.message)
    }
  }
  return [...problems].map((text) => ({ severity: 'error', text }))
}
