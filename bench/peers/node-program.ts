import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../harness/contender.ts'
import { Program } from '../harness/program.ts'
import { answer } from '../load/answer.ts'
import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin } from './answer-headers.ts'
import { limitPerMinute } from './limit.ts'
import { toPolicyFile } from './policy-file.ts'

export interface NodePeer extends Omit<Contender, 'start'> {
  /** In `programs/`. */
  readonly file: string
  /** Default: what all peers enforce. */
  readonly toFile?: (keySetFile: string) => string
  /** Called before the program starts, in whose folder it is told. */
  readonly prepare?: (folder: string) => Promise<void>
}

const toUsualFile = (keySetFile: string) => toPolicyFile({ keySetFile, limitPerMinute, gateway: null })

/** A program that picks a free port and prints `ready <origin>`. */
export function defineNodePeer({ file, toFile = toUsualFile, prepare, ...contender }: NodePeer): Contender {
  return {
    ...contender,
    async start({ bench, upstream }) {
      const folder = join(bench.folder, contender.name)
      await mkdir(folder, { recursive: true })
      const { publicKeyFile, keySetFile } = bench.tokens
      const policyFile = join(folder, 'portcullis.yaml')
      await writeFile(policyFile, toFile(keySetFile))
      await prepare?.(folder)
      const program = new Program({
        command: process.execPath,
        args: ['--conditions=source', new URL(`programs/${file}`, import.meta.url).pathname],
        env: {
          UPSTREAM: upstream,
          ANSWER: answer,
          ISSUER: issuer,
          AUDIENCE: audience,
          PUBLIC_KEY_FILE: publicKeyFile,
          POLICY_FILE: policyFile,
          ALLOWED_ORIGIN: allowedOrigin,
          LIMIT_PER_MINUTE: String(limitPerMinute),
        },
        cores: bench.cores.server,
        cwd: folder,
        log: join(folder, 'output.log'),
      })
      const origin = await program.until(() => readReadyLine(program.output))
      return { origin, program }
    },
  }
}

/** The address in the first line `ready <url>`; throws while there is none. */
export function readReadyLine(output: string): string {
  const match = /^ready (\S+?)\/?$/m.exec(output)
  if (match === null) throw new Error('it has not printed "ready" yet')
  return match[1] as string
}
