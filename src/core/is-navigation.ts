import type { Fields } from './fields.ts'

/** Whether a browser asks for a page to show, and neither a script of one nor a program. */
export function isNavigation(method: string, headers: Fields): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (headers.has('authorization') || headers.has('x-api-key')) return false
  const mode = headers.get('sec-fetch-mode')
  return mode === undefined ? (headers.get('accept') ?? '').includes('text/html') : mode === 'navigate'
}
