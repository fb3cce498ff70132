import { LineCounter } from 'yaml'
import { boundErrors, type ConfigError } from '../config-error.ts'
import type { Position } from '../snapshot.ts'
import type { ConfigSource } from './config-source.ts'
import type { KeyPath, Part } from './key-path.ts'
import { parseYaml, TooLargeError } from './parse-yaml.ts'
import { readNodes, tooManyValues } from './yaml-nodes.ts'

const maxSyntaxErrors = 20
const secondHint = 'A policy file is one document: remove the line `---` and what follows it.'

/** What to do about the mistakes that YAML makes easy. */
const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'YAML is indented with spaces only.',
  BAD_SCALAR_START: 'Put the text in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'A text that holds `: ` needs quotes; a nested key needs a line of its own, indented.',
  BAD_DQ_ESCAPE: "In single quotes ('…') a backslash stands for itself.",
  TAG_RESOLVE_FAILED: 'Tags (`!name`) are not used in policy files.',
}

/** Reads YAML (and so JSON). Nothing is interpolated, and no tag makes anything but plain data. */
export function readYaml(
  text: string,
  file: string,
): { ok: true; source: ConfigSource } | { ok: false; errors: readonly ConfigError[] } {
  const lines = new LineCounter()
  const toPosition = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const toError = (offset: number, message: string, hint: string | null): ConfigError => ({
    file,
    position: toPosition(offset),
    path: '',
    message,
    hint,
  })

  const parsed = parseBounded(text, lines)
  if (parsed === null) return { ok: false, errors: [toError(0, tooManyValues, null)] }
  const { document, second } = parsed
  const syntax = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
    toError(pos[0], reword(code, message), hints[code] ?? null),
  )
  if (second !== null) syntax.push(toError(second, 'the file holds more than one YAML document', secondHint))
  if (syntax.length > 0) return { ok: false, errors: syntax.slice(0, maxSyntaxErrors) }

  const { value, places, faults } = readNodes(document)
  if (faults.length > 0) {
    return { ok: false, errors: boundErrors(faults.map(({ offset, message, hint }) => toError(offset, message, hint))) }
  }
  if (value === null) return { ok: false, errors: [toError(0, 'the file is empty', 'portcullis init writes one.')] }
  const positionOf = (path: KeyPath, part: Part) => toPosition(places.offsetOf(path, part))
  return { ok: true, source: { file, value, positionOf } }
}

function parseBounded(text: string, lines: LineCounter): ReturnType<typeof parseYaml> | null {
  try {
    return parseYaml(text, lines)
  } catch (error) {
    if (error instanceof TooLargeError) return null
    throw error
  }
}

function reword(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab is used as indentation'
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a key stands where only a value can'
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deep to be read'
    default:
      return message.charAt(0).toLowerCase() + message.slice(1)
  }
}
