import type { Report } from './finding.ts'

const reaching = /["'](?:file:|https?:|ftp:|php:|expect:|jar:|gopher:|netdoc:|data:|\/\/|\/etc|\\\\)/
/** The most of one declaration that is looked at. */
const longest = 200

/** XML that has its reader fetch or multiply something: external entities, documents included, entities of entities. */
export function judgeXml(text: string, report: Report): void {
  for (let at = text.indexOf('<!'); at !== -1; at = text.indexOf('<!', at + 2)) {
    if (text.startsWith('<!entity', at)) judgeEntity(text.slice(at + 8, at + longest), report)
    else if (text.startsWith('<!doctype', at)) judgeDoctype(text.slice(at + 9, at + longest), report)
  }
  if (text.includes('xinclude') && (text.includes(':include') || text.includes('<include'))) {
    report('xml', 'xml-include', 7)
  }
  if (text.startsWith('<?xml-stylesheet') && reaching.test(text.slice(0, longest))) report('xml', 'xml-stylesheet', 6)
}

function judgeEntity(declaration: string, report: Report): void {
  const head = declaration.includes('>') ? declaration.slice(0, declaration.indexOf('>')) : declaration
  const isExternal = /\s(?:system|public)\s/.test(head)
  if (isExternal && (reaching.test(head) || head.trimStart().startsWith('%'))) report('xml', 'xml-entity', 9)
  else if (isExternal) report('xml', 'xml-entity', 7)
  else if (head.trimStart().startsWith('%')) report('xml', 'xml-entity', 5)
  else if ((head.match(/&[a-z][\w-]{0,40};/g)?.length ?? 0) >= 2) report('xml', 'xml-expansion', 8)
  else if (/file:|<!entity/.test(head)) report('xml', 'xml-entity', 6)
}

/** The document types of HTML name addresses of the W3C; others are fetched. */
function judgeDoctype(declaration: string, report: Report): void {
  const stop = declaration.search(/[[>]/)
  const head = stop === -1 ? declaration : declaration.slice(0, stop)
  if (!/\s(?:system|public)\s/.test(head) || !reaching.test(head)) return
  if (!/["']https?:\/\/(?:www\.w3\.org|[a-z.]{0,40}apple\.com\/dtds|[a-z.]{0,40}apache\.org\/dtds?)\//.test(head)) {
    report('xml', 'xml-doctype', 7)
  }
}
