/** Names in the order in which they are looked for: most browsers name others as well. */
const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['CriOS/', 'Chrome'],
  ['Version/', 'Safari'],
] as const

const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['CrOS', 'ChromeOS'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const

/** More than browsers say. */
const maxLength = 400

/** The browser that a session was seen in, for its owner. Neither the whole field is kept nor an address. */
export interface SeenBrowser {
  /** Such as `Firefox, Linux`; null: it is none that is known. */
  readonly browser: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

export function describeBrowser(userAgent: string): string | null {
  const text = userAgent.slice(0, maxLength)
  const found = [browsers, systems].map((names) => names.find(([sign]) => text.includes(sign))?.[1])
  const named = found.filter((name) => name !== undefined)
  return named.length === 0 ? null : named.join(', ')
}
