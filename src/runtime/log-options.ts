import { resolve } from 'node:path'
import type { Snapshot } from '../config/snapshot.ts'
import type { LogOptions } from '../observe/options.ts'

/** The block `log`, its file from the folder of the policy file like every other path. */
export function readLogOptions({ blocks, baseFolder }: Snapshot): LogOptions {
  const log = blocks.log as LogOptions
  return log.to === 'stdout' ? log : { ...log, to: { ...log.to, file: resolve(baseFolder, log.to.file) } }
}
