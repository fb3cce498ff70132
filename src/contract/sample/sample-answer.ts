import { isJsonType } from '../../core/json-body.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import { sampleValue } from './sample-value.ts'

/** An answer of JSON that meets a contract, as a value. */
export interface SampleAnswer {
  readonly status: number
  readonly type: string
  readonly value: unknown
}

/** Of the first answer that is no error and whose JSON can be made up; null where there is none. */
export function sampleAnswer({ responses }: OperationContract): SampleAnswer | null {
  for (const [key, { headers, media }] of responses) {
    const status = toStatus(key)
    if (status === null || headers.some(({ required }) => required)) continue
    const json = media.find(({ mediaType }) => isJsonType(mediaType))
    const value = json && sampleValue(json.schema, 'refuse', 'response')
    if (json !== undefined && value !== undefined) return { status, type: json.mediaType, value }
  }
  return null
}

/** One that has a body; `2XX` and `default` stand for 200. */
function toStatus(key: string): number | null {
  if (/^(?:2xx|default)$/i.test(key)) return 200
  return /^20[0-3]$/.test(key) ? Number(key) : null
}
