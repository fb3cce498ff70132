import type { Answer } from '../../core/answer.ts'
import { type Decision, type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { JsonValuesError } from '../../core/json-values.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { toStableJson } from '../../core/stable-json.ts'
import type { SecretsOptions } from '../../crypto/master/options.ts'
import { keyRingsPort, type LiveKeyRing } from '../../crypto/ring/live-key-ring.ts'
import { dropDigests } from '../drop-digests.ts'
import { createReveal } from '../may-reveal.ts'
import { decryptAnswer, findFields } from './answer-fields.ts'
import { createFieldPlaces } from './field-places.ts'
import { askForWhole, findObstacle, keepPrivate } from './message-fields.ts'
import type { EncryptFieldsOptions } from './options.ts'
import { checkRequest, encryptRequest } from './request-fields.ts'

export async function createEncryptFields(options: EncryptFieldsOptions, deps: PolicyDeps): Promise<Hooks> {
  const { context, fields, answers, otherTypes, maxFields } = options
  const ring = await openRing(deps)
  const places = createFieldPlaces(fields)
  const plain = deps.slot<string>()
  const mayReveal = createReveal(options.reveal, deps)
  const foreign = deps.meter.counter(
    'portcullis_encrypt_fields_foreign_total',
    'Values in answers that stand where a ciphertext should and are none of that field',
  )

  function validate(exchange: Exchange): Decision {
    const checked = checkRequest(exchange, places, options)
    if (checked === null) return next
    if (typeof checked !== 'string') return checked
    plain.set(exchange, checked)
    return next
  }

  /** Here every policy has judged the plain body. */
  function forward(exchange: Exchange): Next {
    const text = plain.get(exchange)
    if (text !== undefined) {
      exchange.body.replace(Buffer.from(encryptRequest(text, places, ring.current(), context)))
      dropDigests(exchange.headers)
    }
    if (answers) askForWhole(exchange)
    return next
  }

  function respond(exchange: Exchange, answer: Answer): Next | Refusal | Promise<Next | Refusal> {
    const { body, headers, status } = answer
    if ((answer.source !== 'upstream' && answer.source !== 'handler') || body === null || body.length === 0) return next
    const obstacle = status === 206 || headers.has('content-range') ? 'it is a part' : findObstacle(headers)
    if (obstacle === null) return show(exchange, answer, body)
    return otherTypes === 'pass' ? next : refuse('fields_answer', obstacle)
  }

  async function show(exchange: Exchange, answer: Answer, body: Uint8Array | string): Promise<Next | Refusal> {
    const text = toText(body)
    if (text === null) return refuse('fields_answer', 'it is not UTF-8')
    try {
      const { count, keyIds } = findFields(text, places)
      if (count > maxFields) return refuse('fields_answer', `${count} fields, ${maxFields} allowed`)
      if (count === 0) return next
      const work = {
        ring: await ringFor(keyIds),
        context,
        reveals: await mayReveal(exchange.principal),
        onForeign: createReport(exchange),
      }
      answer.body = Buffer.from(decryptAnswer(text, places, work))
    } catch (error) {
      if (error instanceof JsonValuesError) return refuse('fields_answer', error.message)
      throw error
    }
    keepPrivate(answer)
    return next
  }

  async function ringFor(keyIds: ReadonlySet<string>) {
    const current = ring.current()
    for (const id of keyIds) if (!current.ids.includes(id)) return ring.withKey(id)
    return current
  }

  /** One line for each answer, however many there are. */
  function createReport({ id }: Exchange): (path: readonly string[]) => void {
    let isTold = false
    return (path) => {
      foreign.add()
      if (isTold) return
      isTold = true
      deps.log.warn('field_not_decrypted', { requestId: id, route: deps.route.id, at: `/${path.join('/')}`, context })
    }
  }

  const hides = Object.values(fields).flatMap(({ at }) => at)
  return {
    hides,
    validate,
    requestBody: 'buffer',
    ...(deps.mode === 'enforce' && {
      forward,
      ...(answers && { respond, responseBody: 'buffer' as const }),
    }),
  }
}

function toText(body: Uint8Array | string): string | null {
  if (typeof body === 'string') return body
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

/** One ring for each thread, kept over reloads that do not change the master keys. */
function openRing({ block, shared, provide, secret }: PolicyDeps): Promise<LiveKeyRing> {
  const secrets = block<SecretsOptions>('secrets')
  return shared(`key-ring:${toStableJson(secrets)}`, () => provide(keyRingsPort).open(secrets, secret))
}
