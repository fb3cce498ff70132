import type { PolicyWarning } from '../../core/policy.ts'
import type { ValidateOptions } from './options.ts'

export function createWarnings(options: ValidateOptions): readonly PolicyWarning[] {
  const { unsafeAllowUnknownProperties, unsafeAllowXml, unsafeAllowUnknownOperations } = options
  const warnings: PolicyWarning[] = []
  if (unsafeAllowUnknownProperties !== undefined) {
    const text = 'validate: properties that no schema lists reach the API, which may store them (mass assignment)'
    warnings.push({ text, reason: unsafeAllowUnknownProperties.reason })
  }
  if (unsafeAllowXml !== undefined) {
    warnings.push({ text: 'validate: XML reaches the API unjudged', reason: unsafeAllowXml.reason })
  }
  if (unsafeAllowUnknownOperations !== undefined) {
    const text = 'validate: requests for which the document has no operation reach the API unjudged'
    warnings.push({ text, reason: unsafeAllowUnknownOperations.reason })
  }
  return warnings
}
