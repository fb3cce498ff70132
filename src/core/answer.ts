import type { BodyTransform, BodyWatcher } from './body.ts'
import type { Reply } from './decision.ts'
import { Fields } from './fields.ts'

/** Where an answer comes from. */
export type AnswerSource = 'upstream' | 'handler' | 'reply' | 'problem'

/** The answer of an exchange before it is sent; `respond` hooks change it in place. */
export class Answer {
  status: number
  readonly headers: Fields
  readonly source: AnswerSource
  /** The whole body where it is known (replies, problems, collected answers); null where it streams or is empty. */
  body: Uint8Array | string | null
  /** Of a body that streams; null where nobody has declared it. */
  declaredLength: number | null = null
  /** Applied in order to a streamed body. Null until a policy adds one. */
  transforms: BodyTransform[] | null = null
  /** Shown the body as it leaves, behind all transforms. Null until a policy adds one. */
  watchers: BodyWatcher[] | null = null

  constructor(source: AnswerSource, status: number, headers: Fields, body: Uint8Array | string | null = null) {
    this.source = source
    this.status = status
    this.headers = headers
    this.body = body
  }

  transform(transform: BodyTransform): void {
    this.transforms ??= []
    this.transforms.push(transform)
  }

  /** Unlike a transform, a watcher leaves the declared length as it is. */
  watch(watcher: BodyWatcher): void {
    this.watchers ??= []
    this.watchers.push(watcher)
  }
}

export function toAnswer(reply: Reply): Answer {
  const flat: string[] = []
  for (const [name, value] of reply.headers) flat.push(name, value)
  return new Answer('reply', reply.status, new Fields(flat), reply.body)
}
