/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`; throws where the page has no such place. */
export function fillIn(page: string, name: string, text: string): string {
  const open = `<!-- ${name} -->`
  const close = `<!-- /${name} -->`
  const start = page.indexOf(open)
  const end = page.indexOf(close)
  if (start === -1 || end < start) throw new Error(`the page has no ${open} … ${close}`)
  return `${page.slice(0, start + open.length)}\n${text}\n${page.slice(end)}`
}
