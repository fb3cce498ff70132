import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import type { Snapshot } from '../config/snapshot.ts'
import { createProvide } from '../core/ports.ts'
import { createEventLog } from '../observe/event-log.ts'
import { type LogStream, openLogStream } from '../observe/log-stream.ts'
import { loadPolicies } from '../runtime/load-policies.ts'
import { readLogOptions } from '../runtime/log-options.ts'
import { prove } from '../runtime/prove.ts'
import { toTable } from '../scanner/table.ts'
import { keyStorePort } from '../stores/ports/key-store.ts'
import { openSqliteStore } from '../stores/sqlite/sqlite-store.ts'

interface ProveCommandOptions {
  readonly config: string
  readonly url?: URL
  readonly httpUrl?: URL
  readonly ca?: string
  readonly header: readonly (readonly [string, string])[]
  readonly embedded?: boolean
  readonly json?: true
  readonly verbose?: true
}

/** `portcullis prove`: attacks the deployment with the probes of its own policies. */
export function createProveCommand(): Command {
  return new Command('prove')
    .description('Attack a running deployment: what its policy file refuses must be refused, honest requests must pass')
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('-u, --url <url>', 'where it answers; without it, the HTTPS listener of the file on this machine', parseUrl)
    .option('--http-url <url>', 'where it answers plain HTTP', parseUrl)
    .option('--ca <file>', 'PEM authorities to verify HTTPS by; the development certificate is known already')
    .option(
      '-H, --header <field>',
      'a field that identifies a caller, such as "Authorization: Bearer …", where none can be minted',
      collectHeader,
      [],
    )
    .option('--embedded', 'read the file as an application that embeds Portcullis does; needs --url')
    .option('--json', 'print JSON')
    .option('--verbose', 'log to stderr which credentials are made, where the gateway logs to stdout')
    .addHelpText(
      'after',
      `
Requests carry a field signed with the deployment's key (in its data folder), by which the gateway answers them instead
of contacting the upstream. Exit code: 0 what was run passed, 1 something failed or nothing was run, 2 wrong use.`,
    )
    .action(async (options: ProveCommandOptions) => {
      const { embedded = false } = options
      const loaded = await loadPolicies(options.config, { embedded })
      if (!loaded.ok) {
        console.error(loaded.message)
        process.exitCode = 2
        return
      }
      const { snapshot } = loaded
      const addresses = addressesOf(snapshot, options)
      if (addresses.https === null && addresses.http === null) {
        console.error(`${options.config} names no listener with a fixed port: say with --url where it answers`)
        process.exitCode = 2
        return
      }
      const store = await openSqliteStore({ path: snapshot.data.path })
      let stream: LogStream | undefined
      try {
        // Every credential that is made leaves a line in the gateway's file; a terminal is for the result.
        const { to, level } = readLogOptions(snapshot)
        const shown = to !== 'stdout' || options.verbose ? level : 'warn'
        stream = openLogStream(to === 'stdout' ? 'stderr' : to)
        const results = await prove({
          snapshot,
          ...addresses,
          ca: options.ca === undefined ? null : await readFile(options.ca, 'utf8'),
          headers: options.header,
          provide: createProvide([[keyStorePort, store.keys]]),
          log: createEventLog(stream, shown, 'prove'),
        })
        console.log(options.json ? JSON.stringify(results, null, 2) : toTable(results))
        const count = (wanted: string) => results.filter(({ verdict }) => verdict === wanted).length
        // Where nothing could be run, nothing was proven.
        if (count('fail') > 0 || count('pass') === 0) process.exitCode = 1
      } catch (error) {
        console.error(`portcullis prove: ${(error as Error).message}`)
        process.exitCode = 1
      } finally {
        await stream?.close()
        store.close()
      }
    })
}

function addressesOf({ listen }: Snapshot, options: ProveCommandOptions): { https: URL | null; http: URL | null } {
  const local = (listener: { host: string; port: number } | null, scheme: string) =>
    listener === null || listener.port === 0
      ? null
      : new URL(`${scheme}://${toReachable(listener.host)}:${listener.port}`)
  const given = options.url
  return {
    https: given?.protocol === 'https:' ? given : given === undefined ? local(listen.https, 'https') : null,
    http:
      given?.protocol === 'http:'
        ? given
        : (options.httpUrl ?? (given === undefined ? local(listen.http, 'http') : null)),
  }
}

/** A listener on every address is reached by loopback. */
function toReachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It is a URL such as https://localhost:8443.')
  return url
}

function collectHeader(text: string, before: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new InvalidArgumentError('It is "Name: value".')
  return [...before, [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()]]
}
