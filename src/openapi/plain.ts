export type Plain = Readonly<Record<string, unknown>>

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under a key; an empty one where there is none. */
export function childOf(value: unknown, key: string): Plain {
  const child = isPlain(value) && Object.hasOwn(value, key) ? value[key] : undefined
  return isPlain(child) ? child : {}
}
