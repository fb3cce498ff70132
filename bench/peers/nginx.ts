import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Contender } from '../harness/contender.ts'
import { findFreePort } from '../harness/free-port.ts'
import { Program } from '../harness/program.ts'

/** One worker, connections to the upstream kept, no policy and no log: what a proxy on this machine can do at most. */
export const nginx: Contender = {
  name: 'nginx',
  description: 'NGINX proxy_pass with keep-alive, one worker, no policies, no log',
  async start({ bench, upstream }) {
    const folder = join(bench.folder, 'nginx')
    await mkdir(folder)
    const port = await findFreePort()
    const file = join(folder, 'nginx.conf')
    await writeFile(
      file,
      `${toNginxHead(folder)}
  upstream shop { server ${new URL(upstream).host}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://shop; }
  }
}
`,
    )
    const log = join(folder, 'nginx.log')
    const program = new Program({ command: 'nginx', args: ['-c', file], cores: bench.cores.server, log })
    return { origin: `http://127.0.0.1:${port}`, program }
  },
}

/** The part of a configuration that only says where to run; the `http` block stays open. */
export function toNginxHead(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  server_tokens off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}`
}
