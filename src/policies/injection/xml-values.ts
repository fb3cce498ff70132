const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * What a reader of XML finds between tags, with its entities undone and as if comments and CDATA sections were not there,
 * and in attributes. Time is linear.
 */
export function readXmlValues(xml: string): readonly string[] {
  const values: string[] = []
  let text = ''
  let at = 0
  while (at < xml.length) {
    const open = xml.indexOf('<', at)
    text += undoEntities(xml.slice(at, open === -1 ? xml.length : open))
    if (open === -1) break
    if (xml.startsWith('<!--', open)) at = behind(xml, '-->', open + 4)
    else if (xml.startsWith('<![CDATA[', open)) {
      at = behind(xml, ']]>', open + 9)
      text += xml.slice(open + 9, xml.startsWith(']]>', at - 3) ? at - 3 : at)
    } else {
      if (text.trim() !== '') values.push(text)
      text = ''
      at = behind(xml, '>', open)
      const tag = xml.slice(open, at)
      for (const [, double, single] of tag.matchAll(/=\s{0,8}(?:"([^"]*)"|'([^']*)')/g))
        values.push(undoEntities(double ?? single ?? ''))
    }
  }
  if (text.trim() !== '') values.push(text)
  return values
}

function behind(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from)
  return at === -1 ? text.length : at + mark.length
}

/** Entities by number are undone where text is judged. */
function undoEntities(text: string): string {
  return text.includes('&')
    ? text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => named[name] as string)
    : text
}
