import type { Composition } from '../../core/policy.ts'
import { createRuleTable, type FileRules } from './file-rules.ts'
import type { UploadsOptions } from './options.ts'

const limits = [
  'maxFiles',
  'maxFileBytes',
  'maxTotalBytes',
  'maxPlainFields',
  'maxPlainFieldBytes',
] as const satisfies (keyof UploadsOptions)[]
const archiveLimits = ['maxBytes', 'maxEntries', 'maxUnpackedBytes', 'maxRatio', 'maxDepth'] as const
const imageLimits = ['maxWidth', 'maxHeight', 'maxPixels'] as const

/** A route's options replace the inherited ones, so each of them must be at least as tight. */
export function compose(inherited: UploadsOptions, own: UploadsOptions): Composition {
  const tighter =
    limits.every((limit) => own[limit] <= inherited[limit]) &&
    archiveLimits.every((limit) => own.archives[limit] <= inherited.archives[limit]) &&
    keepsFiles(inherited, own) &&
    (own.names === inherited.names || own.names === 'strict') &&
    (own.antivirus || !inherited.antivirus) &&
    (own.unsafeAllowActive === undefined || inherited.unsafeAllowActive !== undefined)
  return tighter ? 'tighter' : 'looser'
}

/** Every file that may come now might have come before. */
function keepsFiles(inherited: UploadsOptions, own: UploadsOptions): boolean {
  const before = createRuleTable(inherited)
  const after = createRuleTable(own)
  const isKept = (rules: FileRules | null, old: FileRules | null) =>
    rules === null || (old !== null && isTighter(rules, old))
  return (
    isKept(after.raw, before.raw) &&
    isKept(after.others, before.others) &&
    [...after.fields].every(([name, rules]) => isKept(rules, before.fields.get(name) ?? before.others))
  )
}

function isTighter(own: FileRules, inherited: FileRules): boolean {
  return (
    [...own.types].every((type) => inherited.types.has(type)) &&
    own.maxBytes <= inherited.maxBytes &&
    own.maxCount <= inherited.maxCount &&
    imageLimits.every((limit) => own.image[limit] <= inherited.image[limit])
  )
}
