const mask = '••••'
/** Of a shorter text, four characters would be too much of it. */
const minLength = 8

/** What others see of a value, as JSON; undefined where the member is left out. `null` is a value that is not known. */
export function hideValue(json: string | null, hide: 'mask' | 'last4' | 'remove'): string | undefined {
  if (hide === 'remove') return undefined
  const value: unknown = hide === 'last4' && json !== null ? JSON.parse(json) : null
  if (typeof value !== 'string') return JSON.stringify(mask)
  const characters = Array.from(value)
  return JSON.stringify(characters.length < minLength ? mask : mask + characters.slice(-4).join(''))
}
