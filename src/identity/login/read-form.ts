import type { Refusal } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'

/** A name and a password of any length that anybody has. */
const maxFormBytes = 8 * 1024

/** The fields of a form; of one that came twice, the value is nobody's. */
export async function readForm(exchange: Exchange): Promise<Refusal | ReadonlyMap<string, string>> {
  const body = await exchange.body.collect(maxFormBytes)
  if ('kind' in body) return body
  const fields = new Map<string, string>()
  const twice = new Set<string>()
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString())) {
    if (fields.has(name)) twice.add(name)
    fields.set(name, value)
  }
  for (const name of twice) fields.delete(name)
  return fields
}
