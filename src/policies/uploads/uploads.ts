import { type Decision, type Next, next, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import type { Hooks, PolicyDeps } from '../../core/policy.ts'
import { parseMediaType } from '../../input/media-type.ts'
import { toSafeFileName } from '../../sanitize/file-name.ts'
import { dropDigests } from '../drop-digests.ts'
import type { AntivirusSettings } from './antivirus/options.ts'
import { createVirusWatch } from './antivirus/watch-viruses.ts'
import { type BodyJudge, createRefusingJudge, toRefusal } from './body-judge.ts'
import { createHeldBytes } from './content/watch-whole.ts'
import { createContentWatches } from './content-watches.ts'
import { createRuleTable, type FileRules } from './file-rules.ts'
import { finding, type Watch } from './finding.ts'
import { createInspector, inspectWhole } from './inspect-body.ts'
import { createMultipartJudge } from './multipart-judge.ts'
import type { UploadsOptions } from './options.ts'
import { createRawJudge } from './raw-judge.ts'
import { rewriteNames } from './rewrite-names.ts'
import { watchFile } from './watch-file.ts'

/** Of each thread, for files that are read whole. */
const heldBytes = 128 * 1024 * 1024
/** The longest body in which names are rewritten. */
const rewrittenBytes = 8 * 1024 * 1024

export function createUploads(options: UploadsOptions, deps: PolicyDeps): Hooks {
  const rules = createRuleTable(options)
  const held = deps.shared('uploads-held', () => createHeldBytes(heldBytes))
  const settings = options.antivirus ? deps.block<AntivirusSettings | undefined>('antivirus') : undefined
  const viruses = settings === undefined ? null : createVirusWatch(settings, deps)
  const judges = deps.slot<BodyJudge>()
  const rewritten = deps.slot<Buffer>()
  const observes = deps.mode === 'observe'
  const rewrites = options.names === 'normalise' && !observes
  const rename = options.names === 'normalise' ? toSafeFileName : (name: string) => name

  function validate(exchange: Exchange): Decision | Promise<Decision> {
    const { body, headers } = exchange
    if (exchange.upgrade !== null) return refuse('uploads_upgrade')
    if (body.declaredLength === 0) return next
    const codings = headers.all('content-encoding').filter((one) => one.trim().toLowerCase() !== 'identity')
    if (codings.length > 0) return judge(exchange, createRefusingJudge(refuse('uploads_encoding', 'it is compressed')))
    const types = headers.all('content-type')
    const type = types.length === 1 ? parseMediaType(types[0] as string) : null
    if (type === null) return refuseType(exchange, 'one Content-Type')
    if (type.essence === 'multipart/form-data') return judgeMultipart(exchange, type.parameters.get('boundary') ?? '')
    if (type.essence.startsWith('multipart/') || rules.raw === null) return refuseType(exchange, 'multipart/form-data')
    const { maxBytes } = rules.raw
    if (body.declaredLength !== null && body.declaredLength > maxBytes) {
      return toRefusal(finding('uploads_too_large', 'maxBytes', `a file of at most ${maxBytes} bytes`), '')
    }
    const file = createFileWatch(exchange, rules.raw, { type: type.essence, name: null })
    return judge(exchange, createRawJudge(file, body.declaredLength))
  }

  function refuseType(exchange: Exchange, expected: string): Decision | Promise<Decision> {
    return judge(exchange, createRefusingJudge(toRefusal(finding('uploads_type', 'contentType', expected), '')))
  }

  function judgeMultipart(exchange: Exchange, boundary: string): Decision | Promise<Decision> {
    const judging = {
      options,
      rules,
      rename,
      watchFile: (own: FileRules, claim: { type: string | null; name: string }) =>
        createFileWatch(exchange, own, claim),
    }
    const multipart = createMultipartJudge(boundary, judging)
    return rewrites ? judgeAndRewrite(exchange, multipart, boundary) : judge(exchange, multipart)
  }

  async function judgeAndRewrite(exchange: Exchange, multipart: BodyJudge, boundary: string): Promise<Decision> {
    judges.set(exchange, multipart)
    const bytes = exchange.body.bytes ?? (await exchange.body.collect(rewrittenBytes))
    if ('kind' in bytes) return bytes
    const decision = await inspectWhole(createInspector(exchange, multipart, observes), bytes)
    if (decision.kind !== 'next') return decision
    const body = rewriteNames(bytes, boundary, rename)
    if (body !== null) rewritten.set(exchange, body)
    return next
  }

  function createFileWatch(
    exchange: Exchange,
    own: FileRules,
    claim: { type: string | null; name: string | null },
  ): Watch {
    return watchFile({
      rules: own,
      claim,
      createContentWatches: (type) => createContentWatches(type, own, options, held),
      always: viruses === null ? [] : [viruses(exchange.id)],
    })
  }

  function judge(exchange: Exchange, body: BodyJudge): Decision | Promise<Decision> {
    judges.set(exchange, body)
    const inspect = createInspector(exchange, body, observes)
    const { bytes } = exchange.body
    // Another policy has collected it: then no stream will pass by.
    if (bytes !== null) return inspectWhole(inspect, bytes)
    exchange.body.inspect(inspect)
    return next
  }

  function forward(exchange: Exchange): Next {
    const body = rewritten.get(exchange)
    if (body !== undefined) {
      exchange.body.replace(body)
      dropDigests(exchange.headers)
    }
    return next
  }

  return {
    validate,
    requestBody: 'stream',
    waitsForBody: true,
    ...(rewrites && { forward }),
    done: (exchange) => judges.get(exchange)?.close(),
  }
}
