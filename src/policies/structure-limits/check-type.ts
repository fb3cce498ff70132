import { type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { type BodyKind, type MediaType, toBodyKind } from '../../input/media-type.ts'
import { findObstacle, readContentType } from '../../input/read-body.ts'
import type { StructureLimitsOptions } from './options.ts'

/** A body's type, and how it is read. */
export interface CheckedType extends MediaType {
  readonly kind: BodyKind
}

/** Reads what a body says it is; a refusal where that can be read in several ways or is not wanted. */
export function checkType(exchange: Exchange, { types, xml }: StructureLimitsOptions): CheckedType | Refusal {
  const type = readContentType(exchange.headers)
  if (type === null) return refuse('structure_type', 'no Content-Type, several, or one that cannot be read')
  const { essence, parameters } = type
  const kind = toBodyKind(essence)
  const obstacle = findObstacle(kind, parameters)
  if (obstacle !== null) return refuse('structure_type', obstacle)
  const family = `${essence.split('/')[0]}/*`
  if (types !== undefined && !types.includes(essence) && !types.includes(family)) {
    return refuse('structure_type', `${essence} is not in \`types\``)
  }
  if (kind === 'multipart' && essence !== 'multipart/form-data') {
    return refuse('structure_type', `${essence}: of multipart types, form-data alone can be judged`)
  }
  if (kind === 'xml' && xml === 'refuse') return refuse('structure_type', 'XML is refused')
  return { essence, parameters, kind }
}
