/** Code points, as ranges that are sorted and do not touch. */
export type CharSet = readonly (readonly [first: number, last: number])[]

const top = 0x10ffff

export const digits: CharSet = [[0x30, 0x39]]
export const wordChars: CharSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
/** `\s` of ECMAScript: white space and line ends, those beyond ASCII too. */
export const spaces: CharSet = [
  [0x9, 0xd],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
/** What `.` does not match. */
export const lineEnds: CharSet = [
  [0xa, 0xa],
  [0xd, 0xd],
  [0x2028, 0x2029],
]
export const everyChar: CharSet = [[0, top]]

export function unite(...sets: readonly CharSet[]): CharSet {
  const sorted = sets.flat().sort(([a], [b]) => a - b)
  const united: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = united.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else united.push([first, last])
  }
  return united
}

export function negate(set: CharSet): CharSet {
  const rest: [number, number][] = []
  let next = 0
  for (const [first, last] of set) {
    if (first > next) rest.push([next, first - 1])
    next = last + 1
  }
  if (next <= top) rest.push([next, top])
  return rest
}

export function doMeet(a: CharSet, b: CharSet): boolean {
  return a.some(([first, last]) => b.some(([start, end]) => first <= end && start <= last))
}
