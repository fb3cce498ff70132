import type { OutboundResponse } from './outbound.ts'
import { OutboundError } from './outbound-error.ts'

const jsonType = /^application\/(?:[a-z0-9.-]+\+)?json$/

/** Reads a JSON document out of an answer; throws where it is none. */
export function parseJsonResponse(origin: string, { status, headers, body }: OutboundResponse): unknown {
  if (status !== 200) throw new OutboundError('status_unexpected', `${origin} answered ${status}`, { status })
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  // A page that a stranger could place on the same host (an upload, an error page) is not taken for a document.
  if (!jsonType.test(type)) throw new OutboundError('not_json', `${origin} sent "${type}" instead of JSON`, { status })
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new OutboundError('not_json', `${origin} sent a document that is not JSON`, { status, cause: error })
  }
}
