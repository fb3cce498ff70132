import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contender, type Running, type Setting, Unavailable } from '../harness/contender.ts'
import { Program } from '../harness/program.ts'
import { limitPerMinute } from './limit.ts'
import { readReadyLine } from './node-program.ts'
import { toPolicyFile } from './policy-file.ts'

const sources = new URL('../../src/cli/main.ts', import.meta.url).pathname

export interface GatewayOptions {
  readonly name: string
  readonly workers: number
  readonly cores: string | null
  /** The program to run instead of the sources: the built one. */
  readonly main?: string
  /** More lines below `defaults`. */
  readonly defaults?: string
}

export interface RunningGateway extends Running {
  readonly configFile: string
}

/** The gateway as people run it: `portcullis serve`. */
export const portcullis: Contender = {
  name: 'portcullis',
  description: 'gateway, one worker: JWT RS256, limit per principal, CORS, security headers, log, metrics',
  authenticates: true,
  start: (setting) => startGateway(setting, { name: 'portcullis', workers: 1, cores: setting.bench.cores.server }),
}

/** Starts it in a folder of its name; a second start finds there what the first one left. */
export async function startGateway(setting: Setting, options: GatewayOptions): Promise<RunningGateway> {
  const { name, workers, cores, main = sources, defaults = '' } = options
  if (!existsSync(main)) throw new Unavailable(`${main} is not there`)
  const folder = join(setting.bench.folder, name)
  await mkdir(folder, { recursive: true })
  const configFile = join(folder, 'portcullis.yaml')
  const file = toGatewayFile(setting, workers, limitPerMinute)
  await writeFile(configFile, file.replace('defaults:\n', `defaults:\n${defaults}`))
  const program = new Program({
    command: process.execPath,
    args: ['--conditions=source', main, 'serve', '--config', configFile],
    cores,
    cwd: folder,
    log: join(folder, 'output.log'),
  })
  const origin = await program.until(() => readReadyLine(program.output))
  return { origin, program, configFile }
}

export function toGatewayFile({ bench, upstream }: Setting, workers: number, limit: number): string {
  return toPolicyFile({
    keySetFile: bench.tokens.keySetFile,
    limitPerMinute: limit,
    gateway: { upstream, workers },
  })
}
