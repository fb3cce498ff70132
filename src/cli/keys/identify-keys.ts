import { ApiKeyScanner } from '../../crypto/api-key-scanner.ts'
import { digestSecret } from '../../crypto/digest.ts'
import type { KeyStore } from '../../stores/ports/key-store.ts'
import type { CommandSet, CommonOptions } from './command-set.ts'
import { formatIdentified, type Identified, toIdentified } from './identified-key.ts'
import { KeyCommandError } from './key-session.ts'

interface IdentifyOptions extends CommonOptions {
  readonly offline?: true
  readonly revoke?: true
}

/** A text that holds more different keys than this is no report of a leak. */
const maxDistinct = 10_000

const exits = [
  'no API key is in the text',
  'at least one is, whatever became of it; or it could not be done',
  'wrong use, or the policy file is wrong',
] as const

export function addIdentify({ add, run, print, surroundings }: CommandSet): void {
  async function identify(options: IdentifyOptions, store: KeyStore | null): Promise<void> {
    const sightings = await findKeys(surroundings.input())
    const at = surroundings.now()
    const found: Identified[] = []
    for (const sighting of sightings) {
      const identified = toIdentified(sighting, (await store?.find(sighting.id)) ?? null, at)
      const { id, state } = identified
      const ended =
        options.revoke === true && store !== null && (state === 'active' || state === 'disabled' || state === 'used up')
      if (ended) await store.revoke(id, at)
      found.push(ended ? { ...identified, state: 'revoked', revokedNow: true } : identified)
    }
    const shown = store === null ? found.map((one) => ({ ...one, state: null })) : found
    print(options.json, shown, formatIdentified(shown))
    if (found.length > 0) surroundings.exit(1)
  }

  add('identify', 'Find API keys in a text, such as a report of a leak or a log, and say whose they are', {
    examples: [
      ['keys identify', 'append `< report.txt`: is there a key of ours in it, and does it work?'],
      ['keys identify --revoke', 'and end those that work, at once'],
      ['keys identify --offline', 'without asking the store: `git log -p | portcullis keys identify --offline`'],
    ],
    exits,
    notes:
      'Reads the text from standard input, never from an argument, which other users of the machine could see. The\n' +
      'secrets themselves are never shown. A key is told from look-alikes by its checksum.',
  })
    .option('--revoke', 'end the keys of the store whose secret stands in the text')
    .option('--offline', 'look at the text only; who has a key and whether it works is then not known')
    .action((options: IdentifyOptions) => {
      if (options.offline === undefined) return run(options, (store) => identify(options, store))
      if (options.revoke) {
        surroundings.printError('--revoke needs the store: leave out --offline')
        return surroundings.exit(2)
      }
      return identify(options, null)
    })
}

/** A secret that stands in a text; only its digest is kept. */
export interface Sighting {
  readonly id: string
  readonly digest: string
  readonly line: number
  times: number
}

async function findKeys(input: AsyncIterable<Uint8Array>): Promise<Sighting[]> {
  const scanner = new ApiKeyScanner()
  const sightings = new Map<string, Sighting>()
  for await (const bytes of input) {
    // Keys are ASCII: so every byte is a character, whatever else the text is written in.
    for (const { id, text, line } of scanner.scan(Buffer.from(bytes).toString('latin1'))) {
      const digest = digestSecret(text)
      const known = sightings.get(digest)
      if (known !== undefined) known.times++
      else if (sightings.size < maxDistinct) sightings.set(digest, { id, digest, line, times: 1 })
      else throw new KeyCommandError(`The text holds more than ${maxDistinct} different keys: give it in parts.`)
    }
  }
  return [...sightings.values()]
}
