import { Utf8Check } from '../../core/utf8-check.ts'
import { XmlProlog } from '../../input/xml-prolog.ts'
import { type BodyJudge, type Finding, malformed } from './finding.ts'

/** Text is UTF-8 without NUL, at which some programs end it. */
export function createTextJudge(): BodyJudge {
  const utf8 = new Utf8Check()
  return {
    write(bytes) {
      if (!utf8.write(bytes)) return notUtf8
      return bytes.includes(0) ? malformed('body', '', 'control', 'no NUL') : null
    },
    end: () => (utf8.end() ? null : notUtf8),
  }
}

export function createXmlJudge(): BodyJudge {
  const utf8 = new Utf8Check()
  const prolog = new XmlProlog()
  const toFinding = (problem: string | null): Finding | null =>
    problem === null ? null : malformed('body', '', 'xml', 'XML in UTF-8 without a document type', problem)
  return {
    write: (bytes) => toFinding(prolog.write(bytes)) ?? (utf8.write(bytes) ? null : notUtf8),
    end: () => toFinding(prolog.end()) ?? (utf8.end() ? null : notUtf8),
  }
}

const notUtf8 = malformed('body', '', 'utf8', 'UTF-8')
