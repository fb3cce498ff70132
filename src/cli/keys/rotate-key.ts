import { Option } from 'commander'
import { createApiKey } from '../../crypto/api-key.ts'
import { type CommandSet, type CommonOptions, requireKey, shownOnce } from './command-set.ts'
import { formatKey } from './format-keys.ts'
import { KeyCommandError } from './key-session.ts'
import { toKeyView } from './key-view.ts'
import { parseKeyId, parseLifetime, parseOverlap } from './parse-arguments.ts'

interface RotateOptions extends CommonOptions {
  readonly overlap: number
  readonly expires?: number
}

export function addRotate({ add, run, print, surroundings }: CommandSet): void {
  add('rotate', 'Give a key a new secret; the old one works on for a while', {
    examples: [
      ['keys rotate k3v9x0q2m8ab', 'the old secret works for another day'],
      ['keys rotate k3v9x0q2m8ab --overlap 0s', 'it ends at once'],
    ],
  })
    .argument('<id>', 'its id', parseKeyId)
    .addOption(
      new Option('--overlap <duration>', 'how long the old secret works on, never longer than it would have')
        .argParser(parseOverlap)
        .default(24 * 3_600_000, '24h'),
    )
    .option(
      '--expires <duration>',
      'a new end, counted from now; without it, the key ends when it would',
      parseLifetime,
    )
    .action((id: string, options: RotateOptions) =>
      run(options, async (store) => {
        const at = surroundings.now()
        await requireKey(store, id)
        const { text, digest } = createApiKey(id)
        const renewed = options.expires === undefined ? {} : { expiresAt: at + options.expires }
        const result = await store.rotate({ id, digest, now: at, overlapUntil: at + options.overlap, ...renewed })
        if (result.kind !== 'rotated') throw new KeyCommandError(problems[result.kind](id))
        const view = toKeyView(result.key, at)
        print(options.json, { key: text, ...view }, `${formatKey(view)}\n\n${text}\n\n${shownOnce}`)
      }),
    )
}

const problems = {
  unknown: (id: string) => `There is no key "${id}".`,
  ended: (id: string) => `The key ${id} has ended: create a new one.`,
  crowded: (id: string) =>
    `The key ${id} has too many old secrets that still work: give --overlap 0s to end them, or wait.`,
}
