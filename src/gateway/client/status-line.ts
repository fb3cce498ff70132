import { STATUS_CODES } from 'node:http'

const lines: (string | undefined)[] = []

export function toStatusLine(status: number): string {
  const known = lines[status]
  if (known !== undefined) return known
  if (!Number.isInteger(status) || status < 100 || status > 999) throw new RangeError(`${status} is no status`)
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  lines[status] = line
  return line
}
