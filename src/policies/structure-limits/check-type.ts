import { type Refusal, refuse } from '../../core/decision.ts'
import type { Exchange } from '../../core/exchange.ts'
import { type BodyKind, type MediaType, toBodyKind } from '../../input/media-type.ts'
import { findObstacle, readContentType } from '../../input/read-body.ts'
import type { Violation } from '../../input/violation.ts'
import type { StructureLimitsOptions } from './options.ts'

/** A body's type, and how it is read. */
export interface CheckedType extends MediaType {
  readonly kind: BodyKind
}

/** Reads what a body says it is; a refusal where that can be read in several ways or is not wanted. */
export function checkType(exchange: Exchange, { types, xml }: StructureLimitsOptions): CheckedType | Refusal {
  const type = readContentType(exchange.headers)
  if (type === null)
    return refuseType('no Content-Type, several, or one that cannot be read', 'one that names the body')
  const { essence, parameters } = type
  const kind = toBodyKind(essence)
  const obstacle = findObstacle(kind, parameters)
  if (obstacle !== null) {
    return refuseType(obstacle, kind === 'multipart' ? 'a boundary and nothing else' : 'charset=utf-8, or none')
  }
  const family = `${essence.split('/')[0]}/*`
  if (types !== undefined && !types.includes(essence) && !types.includes(family)) {
    return refuseType(`${essence} is not in \`types\``, `one of ${types.join(', ')}`)
  }
  if (kind === 'multipart' && essence !== 'multipart/form-data') {
    return refuseType(`${essence}: of multipart types, form-data alone can be judged`, 'multipart/form-data')
  }
  if (kind === 'xml' && xml === 'refuse') return refuseType('XML is refused', 'another type than XML')
  return { essence, parameters, kind }
}

/** The log is told what came, callers what would be taken. */
function refuseType(detail: string, expected: string): Refusal {
  const violation: Violation = { in: 'header', at: 'Content-Type', rule: 'contentType', expected }
  return refuse('structure_type', detail, { members: { errors: [violation] } })
}
