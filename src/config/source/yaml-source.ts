import { LineCounter } from 'yaml'
import { boundErrors, type ConfigError } from '../config-error.ts'
import type { Position } from '../snapshot.ts'
import { type ConfigSource, tooManyValues } from './config-source.ts'
import type { KeyPath, Part } from './key-path.ts'
import { parseYaml, TooLargeError } from './parse-yaml.ts'
import { findUnseen, unseenHint } from './unseen-characters.ts'
import { readNodes } from './yaml-nodes.ts'

const maxSyntaxErrors = 20
const otherVersion = 'another version of YAML than 1.2, in which values mean something else'
const secondHint = 'A policy file is one document: remove the line `---` and what follows it.'

/** What to do about the mistakes that YAML makes easy. */
const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'YAML is indented with spaces only.',
  BAD_SCALAR_START: 'Put the text in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'A text that holds `: ` needs quotes; a nested key needs a line of its own, indented.',
  BAD_DQ_ESCAPE: "In single quotes ('…') a backslash stands for itself.",
  TAG_RESOLVE_FAILED: 'Policy files use none.',
}

export type ReadYaml =
  /** With `errors` that keep it from being used but not from being judged. */
  | { readonly ok: true; readonly source: ConfigSource; readonly errors: readonly ConfigError[] }
  | { readonly ok: false; readonly errors: readonly ConfigError[] }

/** Reads YAML (and so JSON). Nothing is interpolated, and no tag makes anything but plain data. */
export function readYaml(input: string, file: string): ReadYaml {
  const text = input.startsWith('\ufeff') ? input.slice(1) : input
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
  const fail = (...errors: ConfigError[]): ReadYaml => ({ ok: false, errors: boundErrors(errors) })

  const unseen = findUnseen(text)
  if (unseen !== null) {
    lines.addNewLine(0)
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lines.addNewLine(end + 1)
    return fail(toError(unseen.offset, unseen.message, unseenHint))
  }
  const parsed = parseBounded(text, lines)
  if (parsed === null) return fail(toError(0, tooManyValues, null))
  const { document, second } = parsed
  const syntax = [...document.errors, ...document.warnings].map(({ code, message, pos }) =>
    toError(pos[0], reword(code, message), hints[code] ?? null),
  )
  if (second !== null) syntax.push(toError(second, 'the file holds more than one YAML document', secondHint))
  if (document.directives.yaml.version !== '1.2') syntax.push(toError(0, otherVersion, 'Remove the line `%YAML …`.'))
  if (syntax.length > 0) return fail(...syntax.slice(0, maxSyntaxErrors))

  const { value, places, faults } = readNodes(document)
  const errors = faults.map(({ offset, message, hint }) => toError(offset, message, hint))
  if (faults.some(({ minor }) => !minor)) return fail(...errors)
  if (value === null) return fail(toError(0, 'the file is empty', 'portcullis init writes one.'))
  const positionOf = (path: KeyPath, part: Part) => toPosition(places.offsetOf(path, part))
  return { ok: true, source: { file, value, positionOf }, errors }
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
    case 'TAG_RESOLVE_FAILED':
      return 'a tag (`!name`) stands here'
    case 'RESOURCE_EXHAUSTION':
      return 'nested too deep to be read'
    default:
      return message.charAt(0).toLowerCase() + message.slice(1)
  }
}
