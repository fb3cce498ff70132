import { Command } from 'commander'
import type { Snapshot } from '../config/snapshot.ts'
import type { Principal } from '../core/principal.ts'
import { decide } from '../runtime/decide.ts'
import { resolveStoreLocation } from '../runtime/store-location.ts'
import { openStoreReader } from '../stores/open-store.ts'
import { type PrincipalOptions, parseAttribute, toKeyPrincipal, toPrincipal } from './can/principal.ts'
import { describeUse } from './describe-use.ts'
import { toDecided } from './explain/dry-decide.ts'
import { formatDecided } from './explain/format-explanation.ts'
import { parseClient, parseHeader, parseMethod, parseUrl, toIncoming } from './explain/parse-request.ts'
import { collect, parseKeyId, parseText, parseWord } from './keys/parse-arguments.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { printFailure } from './print-failure.ts'
import { checkIssuer, parseNamed, toIssuer } from './roles/holder.ts'
import type { FileRoles } from './roles/surroundings.ts'
import { readIssuers } from './tokens/surroundings.ts'

interface CanOptions extends PrincipalOptions {
  readonly config: string
  readonly header?: readonly string[]
  readonly client: string
  readonly body?: string
  readonly embedded?: boolean
  readonly json?: true
}

/** `portcullis can`: whether a caller may do something, and why. Nothing is sent. */
export function createCanCommand(): Command {
  const command = new Command('can')
    .description('Say whether a caller may do something, and why')
    .argument('<principal>', "'issuer|id', such as 'main|alice', or the id of an API key")
    .argument('<method>', 'such as GET', parseMethod)
    .argument('<url>', 'such as https://api.example.com/orders/1, or a path alone', parseUrl)
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('--role <role>', 'a role that the credential gives; may be repeated', collect(parseWord))
    .option('--scope <scope>', 'a scope of the credential; may be repeated', collect(parseWord))
    .option('--tenant <tenant>', 'the tenant of the caller', parseText)
    .option('--attribute <name=value>', 'an attribute; the value may be JSON; may be repeated', parseAttribute)
    .option('--service', 'the caller is a program, not a person')
    .option('-H, --header <field>', "a header field, 'Name: value'; may be repeated", parseHeader)
    .option('--body <text>', 'the body of the request')
    .option('--client <address>', 'the address that the request comes from', parseClient, '127.0.0.1')
    .option('--embedded', 'read the file as an application that embeds Portcullis does')
    .option('--json', 'print JSON')
    .action(async (name: string, method: string, url: ReturnType<typeof parseUrl>, options: CanOptions) => {
      const { config, header = [], client, embedded = false, json } = options
      const snapshot = await loadSnapshot(config, { embedded, json })
      if (snapshot === null) return
      const principal = await findPrincipal(name, snapshot, options)
      if (typeof principal === 'string') {
        printFailure(principal, json)
        process.exitCode = 1
        return
      }
      const run = await decide(snapshot, {
        incoming: toIncoming(method, url, header, client),
        principal,
        ...(options.body === undefined ? {} : { body: Buffer.from(options.body) }),
      })
      const allowed = run.status === null || run.status < 400
      const decided = toDecided(run)
      const verdict = `${(allowed ? 'yes' : 'no').padEnd(10)}${method} ${url.target}, route ${run.route}`
      console.log(
        json
          ? JSON.stringify({ allowed, route: run.route, ...decided }, null, 2)
          : `${verdict}\n${formatDecided(decided)}`,
      )
      if (!allowed) process.exitCode = 1
    })
  return describeUse(command, {
    examples: [
      ["can 'main|alice' DELETE /orders/7 --role customer", 'a caller whose token says so'],
      ['can k3v9x0q2m8ab GET https://api.example.com/orders', 'whoever calls with this API key'],
    ],
    exits: ['yes', 'no', 'wrong use, or the policy file is wrong'],
    notes: 'The credential is taken for accepted: only what comes after it decides.',
  })
}

/** The caller, or what is wrong with its name. */
async function findPrincipal(name: string, snapshot: Snapshot, options: CanOptions): Promise<Principal | string> {
  if (name.includes('|')) {
    const { issuers = {} } = snapshot.blocks as Partial<FileRoles>
    const named = parseNamed(name)
    const wrong = checkIssuer(named, readIssuers(snapshot))
    if (wrong !== null) return wrong
    const { issuer, id } = toIssuer(named, { issuers })
    return toPrincipal(issuer, id, options)
  }
  const store = await openStoreReader(await resolveStoreLocation(snapshot))
  try {
    const key = await store.keys.find(parseKeyId(name))
    const principal = key === null ? null : toKeyPrincipal(key, options)
    return principal ?? `There is no key "${name}". A caller is named 'issuer|id', or by the id of an API key.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await store.close()
  }
}
