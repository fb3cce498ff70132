import { toPrintable } from '../printable.ts'
import type { CaseResult } from './run-cases.ts'

export const formats = ['text', 'tap', 'junit'] as const

/** Results as people, TAP readers or build servers read them. */
export function formatResults(results: readonly CaseResult[], format: (typeof formats)[number]): string {
  switch (format) {
    case 'text':
      return formatText(results)
    case 'tap':
      return formatTap(results)
    case 'junit':
      return formatJunit(results)
  }
}

function formatText(results: readonly CaseResult[]): string {
  const failed = results.filter(({ problem }) => problem !== null)
  const lines = failed.map(
    ({ name, place, problem }) => `${place}: ${toPrintable(name)}\n    ${toPrintable(problem ?? '')}`,
  )
  return [...lines, `${results.length - failed.length} of ${results.length} cases as expected`].join('\n')
}

/** TAP version 14. */
function formatTap(results: readonly CaseResult[]): string {
  const lines = results.flatMap(({ name, place, problem }, i) => {
    // `#` would begin a directive.
    const title = `${i + 1} - ${toPrintable(name).replace(/[\\#]/g, '\\$&')}`
    if (problem === null) return [`ok ${title}`]
    const details = [
      '  ---',
      `  message: ${JSON.stringify(toPrintable(problem))}`,
      `  at: ${JSON.stringify(place)}`,
      '  ...',
    ]
    return [`not ok ${title}`, ...details]
  })
  return ['TAP version 14', `1..${results.length}`, ...lines].join('\n')
}

function formatJunit(results: readonly CaseResult[]): string {
  const failures = results.filter(({ problem }) => problem !== null).length
  const cases = results.map(({ name, place, problem, ms }) => {
    const [file = '', line = ''] = splitPlace(place)
    const open = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(file)}" file="${escapeXml(file)}" line="${line}" time="${(ms / 1000).toFixed(3)}"`
    if (problem === null) return `${open}/>`
    return `${open}>\n      <failure message="${escapeXml(problem)}">${escapeXml(place)}</failure>\n    </testcase>`
  })
  const counts = `tests="${results.length}" failures="${failures}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="portcullis" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

function splitPlace(place: string): [file: string, line: string] {
  const colon = place.lastIndexOf(':')
  return [place.slice(0, colon), place.slice(colon + 1)]
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeXml(text: string): string {
  return toPrintable(text).replace(/[&<>"]/g, (char) => entities[char] ?? char)
}
