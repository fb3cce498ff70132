import type { Composition } from '../../core/policy.ts'
import { isSame } from '../../core/stable-json.ts'
import type { EncryptFieldsOptions } from './options.ts'

const shows = { remove: 0, mask: 1, last4: 2 }

/** A route may encrypt more than it inherits and show less of it. */
export function compose(inherited: EncryptFieldsOptions, own: EncryptFieldsOptions): Composition {
  const tighter =
    own.context === inherited.context &&
    Object.entries(inherited.fields).every(([name, field]) => keeps(own.fields[name], field)) &&
    (own.reveal === undefined || isSame(own.reveal, inherited.reveal)) &&
    own.answers === inherited.answers &&
    (own.otherTypes === 'refuse' || inherited.otherTypes === 'pass') &&
    own.maxFields <= inherited.maxFields
  return tighter ? 'tighter' : 'looser'
}

type Field = EncryptFieldsOptions['fields'][string]

function keeps(own: Field | undefined, inherited: Field): boolean {
  if (own === undefined || !inherited.at.every((pointer) => own.at.includes(pointer))) return false
  const indexes = own.blindIndex === undefined || own.blindIndex === inherited.blindIndex
  return indexes && shows[own.hide] <= shows[inherited.hide]
}
