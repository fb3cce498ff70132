import type { Port } from '../../src/core/ports.ts'
import { type Redactor, redactorPort } from '../../src/core/telemetry.ts'
import { redactText } from '../../src/observe/redact.ts'
import { isSecretName, isSecretParameter } from '../../src/observe/secret-names.ts'

/** The redaction of the log itself, as the running system provides it. */
export const testRedactor: Redactor = { isSecretName, isSecretParameter, redactText }

export const redactorPorts: readonly (readonly [Port<unknown>, unknown])[] = [[redactorPort, testRedactor]]
