import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { identityOwner } from '../config/identity/identity-routes.ts'
import type { Snapshot } from '../config/snapshot.ts'
import { silentMeter } from '../core/telemetry.ts'
import type { OwnPasswordHasher } from '../crypto/passwords/password-hasher.ts'
import { createEventLog } from '../observe/event-log.ts'
import { type LogStream, openLogStream } from '../observe/log-stream.ts'
import { createOutboundClient } from '../outbound/outbound-client.ts'
import { policies } from '../policies/index.ts'
import { readLogOptions } from '../runtime/log-options.ts'
import { openPasswordHasher } from '../runtime/passwords.ts'
import { createProofProvide } from '../runtime/prove/ports.ts'
import { prove } from '../runtime/prove.ts'
import { resolveStoreLocation } from '../runtime/store-location.ts'
import { openStore } from '../stores/open-store.ts'
import type { Store } from '../stores/store.ts'
import { describeUse } from './describe-use.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { printFailure } from './print-failure.ts'
import { type CallerKeys, collectKey, findStrayKey, readCallerKeys } from './prove/caller-keys.ts'
import { createProgress } from './prove/progress.ts'
import { toReport } from './prove/report.ts'

interface ProveCommandOptions {
  readonly config: string
  readonly url?: URL
  readonly httpUrl?: URL
  readonly ca?: string
  readonly header: readonly (readonly [string, string])[]
  readonly key: CallerKeys
  readonly clientCert?: string
  readonly clientKey?: string
  readonly policy?: readonly string[]
  readonly embedded?: boolean
  readonly json?: true
  readonly quiet?: true
  readonly verbose?: true
}

/** `portcullis prove`: attacks the deployment with the probes of its own policies. */
export function createProveCommand(): Command {
  const command = new Command('prove')
    .description('Attack a running deployment: what its policy file refuses must be refused, honest requests must pass')
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('-u, --url <url>', 'where it answers; without it, the HTTPS listener of the file on this machine', parseUrl)
    .option('--http-url <url>', 'where it answers plain HTTP', parseUrl)
    .option(
      '--ca <file>',
      'PEM authorities to verify HTTPS by; the development certificate is known already',
      readAuthorities,
    )
    .option(
      '-H, --header <field>',
      'a field that identifies a caller, such as "Authorization: Bearer …": where none can be minted, and where Cedar policies or object rules may ask who it is',
      collectHeader,
      [],
    )
    .option(
      '-k, --key <name=reference>',
      'the private key of an issuer of tests or of a keyId of httpSignature, such as main=file:issuer.pem or main=env:KEY; may be repeated',
      collectKey,
      new Map(),
    )
    .option('--client-cert <file>', 'a caller’s certificate with its chain, PEM, for routes with mtls', readAuthorities)
    .option('--client-key <file>', 'its private key, PEM', readKey)
    .option('-p, --policy <name>', 'only the probes of this policy, such as rate-limit; may be repeated', collectPolicy)
    .option('--embedded', 'read the file as an application that embeds Portcullis does; needs --url')
    .option('--json', 'print JSON')
    .option('-q, --quiet', 'tell nothing of how far it is on stderr')
    .option('--verbose', 'log to stderr which credentials are made, where the gateway logs to stdout')
    .action(async (options: ProveCommandOptions) => {
      const { json, embedded = false } = options
      const snapshot = await loadSnapshot(options.config, { json, embedded })
      if (snapshot === null) return
      const addresses = addressesOf(snapshot, options)
      if (addresses.https === null && addresses.http === null) {
        printFailure(`${options.config} names no listener with a fixed port: say with --url where it answers`, json)
        process.exitCode = 2
        return
      }
      if ((options.clientCert === undefined) !== (options.clientKey === undefined)) {
        printFailure('--client-cert and --client-key belong together', json)
        process.exitCode = 2
        return
      }
      const stray = findStrayKey(snapshot, options.key)
      if (stray !== null) {
        printFailure(stray, json)
        process.exitCode = 2
        return
      }
      const progress = options.quiet ? undefined : createProgress(process.stderr, { lineByLine: options.verbose })
      const outbound = createOutboundClient()
      let store: Store | null = null
      let stream: LogStream | undefined
      let passwords: OwnPasswordHasher | null = null
      try {
        store = await openStore(await resolveStoreLocation(snapshot))
        // Every credential that is made leaves a line in the gateway's file; a terminal is for the result.
        const { to, level } = readLogOptions(snapshot)
        const shown = to !== 'stdout' || options.verbose ? level : 'warn'
        stream = openLogStream(to === 'stdout' ? 'stderr' : to)
        const log = createEventLog(stream, shown, 'prove')
        passwords = await openPasswordHasher(snapshot, silentMeter)
        const results = await prove({
          snapshot,
          ...addresses,
          ca: options.ca ?? null,
          headers: options.header,
          keys: await readCallerKeys(options.key),
          clientCertificate: clientCertificateOf(options),
          only: options.policy ?? null,
          provide: createProofProvide(snapshot, { store, outbound, passwords, log }),
          log,
          listener: progress,
        })
        progress?.end()
        const { notices } = snapshot
        console.log(json ? JSON.stringify({ notices, results }, null, 2) : toReport(results, notices))
        const count = (wanted: string) => results.filter(({ verdict }) => verdict === wanted).length
        // Where nothing could be run, nothing was proven.
        if (count('fail') > 0 || count('pass') === 0) process.exitCode = 1
      } catch (error) {
        progress?.end()
        printFailure(`portcullis prove: ${(error as Error).message}`, json)
        process.exitCode = 1
      } finally {
        await stream?.close()
        await passwords?.close()
        await outbound.close()
        await store?.close()
      }
    })
  return describeUse(command, {
    notes: `Requests carry a field signed with the deployment's key (in its data folder), by which the gateway answers them instead
of contacting the upstream. How far it is stands on stderr: one line that changes on a terminal, else a line now and then
and one for each failure.`,
    examples: [
      ['prove', 'attacks the gateway that serves portcullis.yaml on this machine'],
      ['prove --url https://api.example.com --json', 'attacks what is deployed there'],
      ['prove --policy cors', 'with the probes of one policy'],
      ["prove -H 'Authorization: Bearer …'", 'with a caller of yours where none can be minted'],
      ['prove --key main=file:issuer.pem', 'with tokens of the issuer main, whose key is one of tests'],
    ],
    exits: [
      'all that could be run passed',
      'something failed, or nothing could be run',
      'wrong use, or the policy file is wrong',
    ],
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

function clientCertificateOf({ clientCert: cert, clientKey: key }: ProveCommandOptions) {
  return cert === undefined || key === undefined ? undefined : { cert, key }
}

function readKey(file: string): string {
  const text = readText(file)
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return text
  throw new InvalidArgumentError('It holds no private key (PEM).')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

function readAuthorities(file: string): string {
  const text = readText(file)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new InvalidArgumentError('It holds no certificate (PEM).')
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('It is a URL such as https://localhost:8443.')
  return url
}

function collectPolicy(name: string, before: readonly string[] = []): readonly string[] {
  const names = [...policies.map((policy) => policy.name), identityOwner]
  if (!names.includes(name)) {
    throw new InvalidArgumentError(`It is one of ${names.join(', ')}.`)
  }
  return [...before, name]
}

function collectHeader(text: string, before: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const colon = text.indexOf(':')
  if (colon < 1) throw new InvalidArgumentError('It is "Name: value".')
  return [...before, [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()]]
}
