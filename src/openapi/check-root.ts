import { DocumentError } from './document-error.ts'
import { isPlain, type Plain } from './plain.ts'

export type OpenApiVersion = '3.0' | '3.1' | '3.2'

/** @throws `DocumentError` where this is no OpenAPI document, or of a version that is not read */
export function checkRoot(file: string, value: unknown): Plain {
  const at = { file, tokens: [] }
  if (!isPlain(value)) throw new DocumentError(at, 'this is no OpenAPI document')
  if (readVersion(value) === null) throw unknownVersion(file, value)
  for (const key of ['paths', 'components', 'webhooks'] as const) {
    if (value[key] === undefined || isPlain(value[key])) continue
    throw new DocumentError({ file, tokens: [key] }, `\`${key}\` must be an object`)
  }
  return value
}

/** Null for other documents and versions. */
export function readVersion({ openapi }: Plain): OpenApiVersion | null {
  // `openapi: 3.1` without quotes is a number.
  const [, version] = /^(3\.[012])(\.\d+)?(-.{0,20})?$/.exec(String(openapi ?? '')) ?? []
  return (version as OpenApiVersion | undefined) ?? null
}

function unknownVersion(file: string, { swagger, openapi }: Plain): DocumentError {
  const told = (text: unknown) => String(text).slice(0, 20).replace(/\p{C}/gu, '?')
  if (swagger !== undefined) {
    const hint = 'Convert it to OpenAPI 3: editor.swagger.io and `npx swagger2openapi` do that.'
    return new DocumentError(
      { file, tokens: ['swagger'] },
      `this is Swagger ${told(swagger)}; OpenAPI 3.0, 3.1 and 3.2 are read`,
      { hint },
    )
  }
  if (openapi === undefined) return new DocumentError({ file, tokens: [] }, 'this is no OpenAPI document')
  const message = `this is OpenAPI ${told(openapi)}; versions 3.0, 3.1 and 3.2 are read`
  return new DocumentError({ file, tokens: ['openapi'] }, message)
}
