import { Command, InvalidArgumentError } from 'commander'
import { parsePointer } from '../core/pointer-tree.ts'
import { generateRingKey, openKeyRing, unwrapRingKey } from '../crypto/master/open-key-ring.ts'
import type { StoredRingKey } from '../stores/ports/key-ring-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { createRecordChange } from './secrets/change-record.ts'
import { reencryptFile } from './secrets/reencrypt-file.ts'
import { rewrapKeys } from './secrets/rewrap-keys.ts'
import { SecretsCommandError, type SecretsSession, withSecrets } from './secrets/secrets-session.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}

interface ReencryptOptions extends CommonOptions {
  readonly in?: string
  readonly out?: string
  readonly field?: readonly string[]
  readonly context?: readonly string[]
  readonly encryptPlain?: true
}

const exits = [
  'it is done',
  'it could not be done, or something is not as it should be',
  'wrong use, or the policy file is wrong',
] as const

/** `portcullis secrets`: the key ring that fields are encrypted with, and the master key that wraps it. */
export function createSecretsCommand(): Command {
  const secrets = new Command('secrets').description('Show and rotate the keys that fields are encrypted with')

  function add(name: string, description: string, ...examples: Use['examples']): Command {
    const command = secrets
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
      .option('--json', 'print JSON')
    return describeUse(command, { examples, exits })
  }

  add('status', 'List the keys of the ring and whether the master key opens them', [
    'secrets status',
    'is all in order?',
  ]).action((options: CommonOptions) => withSecrets(options, (session) => showStatus(session, options)))

  add('rotate', 'Make a new key that encrypts from now on; the old ones go on to decrypt', [
    'secrets rotate',
    'the first time, it makes the ring',
  ]).action((options: CommonOptions) => withSecrets(options, (session) => rotate(session, options)))

  add(
    'reencrypt',
    'Wrap the ring under the present master key; with --in, encrypt the fields of a file under the newest key',
    ['secrets reencrypt', 'after secrets.master was replaced and the old one put under secrets.previous'],
    [
      'secrets reencrypt --in data.jsonl --field /card --context customers --context /id --out new.jsonl',
      'records of your own, one JSON object in a line',
    ],
  )
    .option('--in <file>', 'records, one JSON object in a line')
    .option('--out <file>', 'where to write them; cut short, the same command goes on where it was')
    .option(
      '--field <pointer>',
      'a JSON pointer to a field, `*` for any one name or place; may be repeated',
      collectPointer,
    )
    .option('--context <part>', 'a part of the context, or a JSON pointer to it; may be repeated', collect)
    .option('--encrypt-plain', 'encrypt fields that are no ciphertexts yet')
    .action((options: ReencryptOptions, command: Command) => {
      const isFile = options.in !== undefined
      if (isFile !== (options.out !== undefined) || isFile !== (options.field !== undefined)) {
        command.error('error: --in, --out and --field belong together')
      }
      return withSecrets(options, (session) => (isFile ? reencryptRecords(session, options) : rewrap(session, options)))
    })

  return describeUse(secrets, {
    examples: [['secrets rotate', 'more with `portcullis secrets reencrypt --help`']],
    exits,
  })
}

async function showStatus({ keyRing, masters }: SecretsSession, { json }: CommonOptions): Promise<void> {
  const keys = await Promise.all(
    (await keyRing.list()).map(async (key) => {
      const problem = await unwrapRingKey(key, masters.all).then(
        () => null,
        (error: Error) => error.message,
      )
      return {
        id: key.id,
        role: key.role,
        created: toIso(key.createdAt),
        retired: toIso(key.retiredAt),
        master: key.masterId,
        problem,
      }
    }),
  )
  const isCurrent = keys.every(({ master }) => master === masters.present.id)
  if (json) print({ master: masters.present.id, keys })
  else {
    console.log(`Master key  ${masters.present.id}`)
    for (const { id, role, created, retired, master, problem } of keys) {
      const until = retired === null ? '' : `, retired ${retired}`
      console.log(
        `${id}  ${role.padEnd(7)}  since ${created}${until}, wrapped by ${master}${problem === null ? '' : `: ${problem}`}`,
      )
    }
    if (keys.length === 0) console.log('There is no key ring yet: portcullis secrets rotate makes it.')
    else if (!isCurrent) console.log('Some keys are wrapped by a master key of before: portcullis secrets reencrypt.')
  }
  if (keys.some(({ problem }) => problem !== null)) process.exitCode = 1
}

async function rotate({ keyRing, masters }: SecretsSession, { json }: CommonOptions): Promise<void> {
  // Under a wrong master key, a new key would leave a ring that no master key opens.
  const present = await keyRing.list()
  if (present.length > 0) await openKeyRing(present, masters.all)
  const [active, now] = [await generateRingKey('active', masters.present), Date.now()]
  if (await keyRing.rotate(active, now)) {
    if (json) print({ active: active.id })
    else console.log(`${active.id} encrypts from now on. The keys of before go on to decrypt.`)
    return
  }
  const index = await generateRingKey('index', masters.present)
  if (!(await keyRing.create({ active, index }, now)))
    throw new SecretsCommandError('somebody else has just made the key ring')
  if (json) print({ active: active.id })
  else
    console.log(
      `The key ring is made: ${active.id} encrypts. Keep the master key safe: without it nothing is ever decrypted.`,
    )
}

async function rewrap({ keyRing, masters }: SecretsSession, { json }: CommonOptions): Promise<void> {
  const keys = await requireRing(keyRing.list())
  const wrapped = await rewrapKeys(keyRing, keys, masters, (done) => {
    if (!json) console.error(`${done} of ${keys.length} keys`)
  })
  if (json) print({ keys: keys.length, wrapped })
  else console.log(`${wrapped} of ${keys.length} keys were wrapped anew; all are wrapped by ${masters.present.id}.`)
}

async function reencryptRecords({ keyRing, masters }: SecretsSession, options: ReencryptOptions): Promise<void> {
  const { in: input = '', out: output = '', field: fields = [], context = [], encryptPlain = false, json } = options
  const ring = await openKeyRing(await requireRing(keyRing.list()), masters.all)
  const change = createRecordChange({ ring, fields, context, encryptsPlain: encryptPlain })
  const asked = JSON.stringify([fields, context, encryptPlain, ring.activeId])
  const onProgress = (lines: number, share: number) => {
    if (!json) console.error(`${lines} records, ${Math.floor(share * 100)} %`)
  }
  const { lines, before } = await reencryptFile({ input, output, change, asked, onProgress })
  if (json) print({ records: lines, before, key: ring.activeId })
  else
    console.log(
      `${lines} records are in ${output}${before === 0 ? '' : `, ${before} of them from before`}; ${ring.activeId} encrypts them.`,
    )
}

async function requireRing(listed: Promise<StoredRingKey[]>): Promise<StoredRingKey[]> {
  const keys = await listed
  if (keys.length === 0) throw new SecretsCommandError('there is no key ring yet: portcullis secrets rotate makes it')
  return keys
}

function collect(part: string, parts: readonly string[] = []): string[] {
  if (part.startsWith('/') && parsePointer(part) === null) throw new InvalidArgumentError('It is no JSON pointer.')
  return [...parts, part]
}

function collectPointer(pointer: string, pointers: readonly string[] = []): string[] {
  const tokens = parsePointer(pointer)
  if (tokens === null) throw new InvalidArgumentError('It is no JSON pointer such as /card or /cards/*/number.')
  return [...pointers, pointer]
}

function toIso(time: number): string
function toIso(time: number | null): string | null
function toIso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}

function print(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}
