/** The DER inside every PEM block with this label, in order. */
export function readPemBlocks(text: string, label: string): Buffer[] {
  const blocks: Buffer[] = []
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + 1)) {
    const close = text.indexOf(end, at)
    if (close === -1) throw new Error(`a ${label} block does not end`)
    blocks.push(Buffer.from(text.slice(at + begin.length, close), 'base64'))
  }
  return blocks
}

export function toPem(der: Uint8Array, label: string): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
