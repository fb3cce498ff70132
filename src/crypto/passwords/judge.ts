import { byKeys, byPresence, byWeakness, type Judge, neutral, unjudged } from '../../core/judge.ts'
import { formatBytes } from '../../core/units.ts'
import { defaultPasswordOptions, type PasswordOptions } from './options.ts'

const other = { added: 'unjudged', removed: 'unjudged' } as const
const lower = byWeakness<number>((value) => -value)

const judgeBlock = byKeys<PasswordOptions>({
  argon2id: byPresence(
    other,
    byKeys({ memory: byWeakness<number>((bytes) => -bytes, formatBytes), passes: lower, lanes: neutral }),
  ),
  bcrypt: byPresence(other, byKeys({ cost: lower })),
  pbkdf2: unjudged,
  // Without its pepper a hash matches nothing any more.
  peppers: unjudged,
  maxWaiting: neutral,
})

/** What a change of the block means: new hashes become cheaper to guess, or dearer. */
export const judgePasswords: Judge<PasswordOptions | undefined> = (before, after) =>
  judgeBlock(before ?? defaultPasswordOptions, after ?? defaultPasswordOptions)
