/** A page with places for what is put into it. */
export interface Template {
  /** Text and names of places, by turns. */
  readonly parts: readonly string[]
  readonly names: ReadonlySet<string>
  /** Its own styles. */
  readonly styles: readonly string[]
}

const places = ['language', 'title', 'name', 'style', 'logo', 'content'] as const
const needed = ['title', 'content'] as const
const maxBytes = 64 * 1024
/** What the policy of the pages keeps from running or loading: better said while the file is read. */
const useless = [
  [/<script[\s>]/i, 'scripts do not run on these pages'],
  [/<link[\s>]/i, 'style sheets elsewhere are not loaded: put yours into <style>'],
  [/\sstyle\s*=/i, 'style attributes do not apply: put yours into <style>'],
  [/\son[a-z]+\s*=/i, 'handlers of events do not run on these pages'],
] as const

export const defaultTemplate = parse(`<!doctype html>
<html lang="{{language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}}</title>
<style>{{style}}</style>
</head>
<body>
<main>
{{logo}}<h1>{{title}}</h1>
{{content}}
</main>
</body>
</html>
`)

/** Throws an error that says what is wrong with a template of somebody's own. */
export function parseTemplate(reference: string, bytes: Uint8Array): Template {
  if (bytes.length > maxBytes) throw new Error(`${reference}: the template has more than 64 KiB`)
  const text = Buffer.from(bytes).toString()
  for (const [pattern, why] of useless) if (pattern.test(text)) throw new Error(`${reference}: ${why}`)
  const template = parse(text)
  for (const name of template.names) {
    if (!(places as readonly string[]).includes(name))
      throw new Error(`${reference}: there is no {{${name}}}; there are {{${places.join('}}, {{')}}}`)
  }
  for (const name of needed) if (!template.names.has(name)) throw new Error(`${reference}: {{${name}}} is missing`)
  return template
}

function parse(text: string): Template {
  const parts = text.split(/\{\{ ?([A-Za-z]+) ?\}\}/)
  const styles = [...text.matchAll(/<style>([\s\S]*?)<\/style>/gi)].map((found) => found[1] as string)
  return {
    parts,
    names: new Set(parts.filter((_, i) => i % 2 === 1)),
    // One that is nothing but ours is known already.
    styles: styles.filter((style) => !style.includes('{{')),
  }
}
