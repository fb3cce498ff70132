import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Snapshot } from '../../config/snapshot.ts'
import type { Finding } from './finding.ts'

const reference = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/

/** Looks whether every secret that options and blocks refer to can be read here; the values are not looked at. */
export async function checkReferences(snapshot: Snapshot): Promise<Finding[]> {
  const found = new Set<string>()
  for (const { policies } of [...snapshot.routes, snapshot.fallback])
    collect(
      policies.map(({ options }) => options),
      found,
    )
  collect(snapshot.blocks, found)
  collect(snapshot.data, found)
  const findings = await Promise.all([...found].sort().map((text) => checkReference(text, snapshot.baseFolder)))
  return findings.flatMap((finding) => finding ?? [])
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string' && reference.test(value)) found.add(value)
  else if (typeof value === 'object' && value !== null) for (const entry of Object.values(value)) collect(entry, found)
}

async function checkReference(text: string, baseFolder: string): Promise<Finding | null> {
  const name = text.slice(text.indexOf(':') + 1)
  if (text.startsWith('env:')) {
    const isSet = (process.env[name] ?? '') !== ''
    return isSet ? null : { severity: 'warning', text: `${text}: the environment variable is not set here` }
  }
  try {
    const content = await readFile(resolve(baseFolder, name))
    return content.length > 0 ? null : { severity: 'error', text: `${text}: the file is empty` }
  } catch (error) {
    return {
      severity: 'warning',
      text: `${text}: ${(error as NodeJS.ErrnoException).code}, the file cannot be read here`,
    }
  }
}
