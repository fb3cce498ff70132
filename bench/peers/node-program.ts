import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../harness/contender.ts'
import { Program } from '../harness/program.ts'
import { answer } from '../load/answer.ts'
import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin } from './answer-headers.ts'
import { limitPerMinute } from './limit.ts'
import { toPolicyFile } from './policy-file.ts'

interface NodePeer extends Omit<Contender, 'start'> {
  /** In `programs/`. */
  readonly file: string
}

/** A program that picks a free port and prints `ready <origin>`. */
export function defineNodePeer({ file, ...contender }: NodePeer): Contender {
  return {
    ...contender,
    async start({ bench, upstream }) {
      const folder = join(bench.folder, contender.name)
      await mkdir(folder, { recursive: true })
      const { publicKeyFile, keySetFile } = bench.tokens
      const policyFile = join(folder, 'portcullis.yaml')
      await writeFile(policyFile, toPolicyFile({ keySetFile, limitPerMinute, gateway: null }))
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
