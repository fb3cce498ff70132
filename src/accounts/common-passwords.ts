/*
 * Instead of a list of passwords that were seen somewhere: the patterns that nearly all of them with fifteen characters
 * are made of. It is a short list of our own, and does not claim to be one of breaches.
 */

const rows = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
]
const alphabet = 'abcdefghijklmnopqrstuvwxyz'
/** Each with itself behind, so that rows go on at their beginnings, and backwards. */
const walks = [
  ...rows,
  alphabet,
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  '1q2w3e4r5t6y7u8i9o0p',
  rows.slice(0, 4).join(''),
].flatMap((row) => [row + row, [...(row + row)].reverse().join('')])

const stems =
  'password passwort passphrase secret geheim welcome willkommen letmein login admin administrator root user guest default ' +
  'changeme master access iloveyou loveyou sunshine princess dragon monkey football baseball superman batman shadow michael ' +
  'jennifer computer internet google facebook qwerty qwertz azerty abc monday friday summer winter spring autumn january ' +
  'february march april june july august september october november december test hello hallo this is my the your new one'
const words = stems.split(' ').sort((a, b) => b.length - a.length)

/** Written instead of letters, which nobody is fooled by. */
const substitutes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}
/** What is left of a password without its patterns, if that is less, is all that has to be guessed. */
const minUnguessed = 6

/** Whether a password, in lower case, is made of little but repetitions, rows of keys, years and common words. */
export function isCommonPassword(password: string): boolean {
  if (new Set(password).size < 5 || isRepeated(password)) return true
  const plain = [...password].map((character) => substitutes[character] ?? character).join('')
  return [password, plain].some((text) => countUnguessed(text) < minUnguessed)
}

/** One piece over and over, the last time cut perhaps. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= text.length / 2 && length <= 16; length++) {
    if (text.slice(length) === text.slice(0, -length)) return true
  }
  return false
}

function countUnguessed(text: string): number {
  let [at, left] = [0, 0]
  while (at < text.length) {
    const length = matchWalk(text, at) || matchWord(text, at) || matchNumber(text, at)
    if (length === 0 && /[\p{L}\p{N}]/u.test(text[at] as string)) left++
    at += length || 1
  }
  return left
}

/** Four keys or more that lie side by side. */
function matchWalk(text: string, at: number): number {
  let longest = 0
  for (const walk of walks) {
    let length = Math.max(4, longest + 1)
    while (at + length <= text.length && walk.includes(text.slice(at, at + length))) longest = length++
  }
  return longest
}

function matchWord(text: string, at: number): number {
  return words.find((word) => text.startsWith(word, at))?.length ?? 0
}

/** Years, days, and what is put behind a word to have a number in it. */
function matchNumber(text: string, at: number): number {
  return /^\d{1,8}/.exec(text.slice(at, at + 8))?.[0].length ?? 0
}
