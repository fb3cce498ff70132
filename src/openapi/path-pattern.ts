/**
 * The pattern for a path template: escaped as requests are. Parameters are called by letters, digits and `_`, each once; `{name+}`, `{+name}` and
 * `{name*}`, as gateways and RFC 6570 write it, stand for the rest.
 */
export function toPattern(template: string): string {
  const taken = new Set<string>()
  const escaped = template
    .toWellFormed()
    .replace(/\{[^{}/]*\}|[^\0-\x7f]+/g, (part) => (part.startsWith('{') ? part : encodeURIComponent(part)))
  return escaped.replace(/\{([^{}/]+)\}/g, (_, written: string) => {
    const rest = /^\+|[+*]$/.test(written) ? '*' : ''
    const plain = written.replace(/^\+|[+*]$/g, '').replace(/[^A-Za-z0-9_]/g, '_')
    const name = toFreeName(plain.replace(/^\d/, '_$&') || '_', taken)
    taken.add(name)
    return `{${name}${rest}}`
  })
}

function toFreeName(name: string, taken: ReadonlySet<string>): string {
  let free = name
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`
  return free
}
