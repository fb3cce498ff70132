import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../harness/contender.ts'
import { Program } from '../harness/program.ts'
import { answer } from '../load/answer.ts'
import { audience, issuer } from '../load/tokens.ts'
import { allowedOrigin } from './answer-headers.ts'
import { limitPerMinute } from './limit.ts'

/** A peer that is a program of `programs/`; it picks a free port and prints `ready <origin>`. */
export function defineNodePeer(
  name: string,
  description: string,
  file: string,
  { authenticates = false }: Pick<Contender, 'authenticates'> = {},
): Contender {
  return {
    name,
    description,
    authenticates,
    async start({ bench, upstream }) {
      const folder = join(bench.folder, name)
      await mkdir(folder, { recursive: true })
      const program = new Program({
        command: process.execPath,
        args: ['--conditions=source', new URL(`programs/${file}`, import.meta.url).pathname],
        env: {
          UPSTREAM: upstream,
          ANSWER: answer,
          ISSUER: issuer,
          AUDIENCE: audience,
          PUBLIC_KEY_FILE: bench.tokens.publicKeyFile,
          KEY_SET_FILE: bench.tokens.keySetFile,
          ALLOWED_ORIGIN: allowedOrigin,
          LIMIT_PER_MINUTE: String(limitPerMinute),
        },
        cores: bench.cores.server,
        log: join(folder, `${name}.log`),
      })
      const origin = await program.until(() => readReadyLine(program.output))
      return { origin, program }
    },
  }
}

/** The address in the first line `ready <url>`; throws while there is none. */
export function readReadyLine(output: string): string {
  const match = /^ready (\S+)$/m.exec(output)
  if (match === null) throw new Error('it has not printed "ready" yet')
  return match[1] as string
}
