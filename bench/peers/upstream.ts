import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePort } from '../harness/free-port.ts'
import { Program } from '../harness/program.ts'
import type { Bench } from '../harness/scenario.ts'
import { answer } from '../load/answer.ts'
import { toNginxHead } from './nginx.ts'

/** NGINX that answers from memory: the cheapest upstream at hand, so that the load's core is not the limit. */
export async function startUpstream(bench: Bench, body = answer): Promise<{ origin: string; program: Program }> {
  const folder = join(bench.folder, 'upstream')
  await mkdir(folder)
  const port = await findFreePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(
    file,
    `${toNginxHead(folder)}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    default_type application/json;
    location / {
${toReturn(body)}
    }
  }
}
`,
  )
  const program = new Program({
    command: 'nginx',
    args: ['-c', file],
    cores: bench.cores.load,
    log: join(folder, 'upstream.log'),
  })
  const origin = `http://127.0.0.1:${port}`
  await program.until(() => fetch(origin).then((response) => response.text()))
  return { origin, program }
}

/** A parameter of NGINX has 4 KiB at most. */
function toReturn(body: string): string {
  const parts = body.match(/.{1,3000}/gs) ?? []
  const sets = parts.map((part, at) => `      set $part${at} '${part}';`)
  return [...sets, `      return 200 '${parts.map((_, at) => `$part${at}`).join('')}';`].join('\n')
}
