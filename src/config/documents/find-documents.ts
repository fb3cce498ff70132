import { isPlain } from '../schema/read-setting.ts'

/** The names of the OpenAPI documents that a policy file refers to, each once, whatever else is wrong with the file. */
export function findDocuments(file: unknown): string[] {
  if (!isPlain(file)) return []
  const routes = Array.isArray(file.routes) ? file.routes : []
  const names = [file.defaults, ...routes].flatMap((layer) => (isPlain(layer) ? namesIn(layer) : []))
  return [...new Set(names)]
}

function namesIn(layer: Readonly<Record<string, unknown>>): string[] {
  const loosened = isPlain(layer.loosen) ? layer.loosen.validate : undefined
  const settings = [layer.validate, loosened].flat()
  return [layer, ...settings].flatMap((one) => (isPlain(one) && typeof one.openapi === 'string' ? [one.openapi] : []))
}
