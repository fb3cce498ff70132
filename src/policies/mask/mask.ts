import type { Answer } from '../../core/answer.ts'
import { type Decision, type Next, next, type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { readForm } from './body-form.ts'
import { createTransform } from './body-masker.ts'
import { openDigest } from './digest.ts'
import { createFieldTree } from './field-tree.ts'
import { createFindRevealed } from './find-revealed.ts'
import type { FieldMasking } from './json-stream.ts'
import type { KindName } from './kinds.ts'
import { type Masking, maskText } from './masking.ts'
import type { MaskOptions } from './options.ts'
import { askForWhole, describeHead, describeMasked } from './plain-answers.ts'
import { createScan } from './scanner.ts'
import { hideFound, hideValue, type Way } from './ways.ts'

type Counts = Map<string, number>

export async function createMask(options: MaskOptions, deps: PolicyDeps): Promise<Hooks> {
  const { fields, otherTypes } = options
  const values = options.values as Readonly<Record<KindName, Way>>
  const kinds = Object.keys(values) as KindName[]
  const scan = createScan(kinds)
  const tree = Object.keys(fields).length === 0 ? null : createFieldTree(fields)
  const digest = await openDigest(options, deps)
  const findRevealed = createFindRevealed(options, deps)
  const differs = options.reveal !== undefined
  const observes = deps.mode === 'observe'
  const found = deps.slot<Counts>()
  const meters = new Map(
    [...kinds, 'field'].map((kind) => [
      kind,
      deps.meter.counter('portcullis_mask_values_total', 'Values that were masked in answers', { kind }),
    ]),
  )

  function validate({ upgrade }: Exchange): Decision {
    return upgrade === null ? next : refuse('mask_upgrade')
  }

  function forward(exchange: Exchange): Next {
    askForWhole(exchange, differs)
    return next
  }

  function respond(exchange: Exchange, answer: Answer): Next | Refusal | Promise<Next | Refusal> {
    const { source, body } = answer
    if ((source !== 'upstream' && source !== 'handler') || isBodyless(answer, exchange.method === 'HEAD')) return next
    if (exchange.method === 'HEAD') return observes ? next : describeHead(answer, differs)
    const read = readForm(answer)
    if ('problem' in read) return refuse('mask_answer', read.problem)
    const { form } = read
    // Errors show no document, only words about it.
    const lacksFields = form !== null && form !== 'json' && form !== 'events' && tree !== null && answer.status < 400
    if (form === null || lacksFields) {
      return otherTypes === 'pass' && !lacksFields ? next : refuse('mask_answer', 'it is of another type')
    }
    const revealed = findRevealed(exchange)
    const go = (names: ReadonlySet<string>): Next => {
      const counts: Counts = new Map()
      found.set(exchange, counts)
      const transform = createTransform(form, createMasking(names, counts), createFieldMasking(names, counts))
      if (observes) answer.watch((chunk) => void transform(chunk))
      else if (body === null) answer.transform(transform)
      else {
        const bytes = typeof body === 'string' ? Buffer.from(body) : body
        answer.body = Buffer.concat([transform(bytes), transform(null)].filter((part) => part !== null))
      }
      if (!observes) describeMasked(answer.headers, differs)
      return next
    }
    return revealed instanceof Promise ? revealed.then(go) : go(revealed)
  }

  function createMasking(revealed: ReadonlySet<string>, counts: Counts): Masking {
    return {
      scan,
      hide: (kind, value) => {
        if (revealed.has(kind)) return value
        count(counts, kind)
        return hideFound(values[kind], kind, value, digest)
      },
    }
  }

  function createFieldMasking(revealed: ReadonlySet<string>, counts: Counts): FieldMasking | null {
    if (tree === null) return null
    return {
      tree,
      isShown: (name) => revealed.has(name),
      hide: ({ name, way }, json) => {
        count(counts, 'field')
        if (way === 'remove') return undefined
        // Of an object or a list, no part is shown.
        if (json === null) return JSON.stringify(hideValue('redact', '', name, digest))
        const value = json.startsWith('"') ? (JSON.parse(json) as string) : json
        return JSON.stringify(hideValue(way, value, name, digest))
      },
    }
  }

  function done(exchange: Exchange): void {
    const counts = found.get(exchange)
    if (counts === undefined || counts.size === 0) return
    if (!observes) for (const [kind, times] of counts) meters.get(kind)?.add(times)
    else {
      const detail = Array.from(counts, ([kind, times]) => `${kind}: ${times}`).join(', ')
      exchange.pipeline.observe(exchange, 'mask', refuse('mask_found', detail))
    }
  }

  const forLogs: Masking = { scan, hide: (kind, value) => hideFound(values[kind], kind, value, digest) }
  return {
    hides: Object.keys(fields),
    hidesText: (text) => maskText(text, forLogs),
    validate,
    respond,
    responseBody: 'stream',
    done,
    ...(!observes && { forward }),
  }
}

function count(counts: Counts, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1)
}

/** The answer to HEAD has none, but tells of one. */
function isBodyless({ status, body, declaredLength }: Answer, isHead: boolean): boolean {
  const isEmpty = !isHead && (body === null ? declaredLength === 0 : body.length === 0)
  return status === 204 || status === 304 || status < 200 || isEmpty
}
