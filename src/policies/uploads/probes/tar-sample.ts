/** An archive of one entry. `kind` is tar's own: `0` a file, `2` a symbolic link. */
export function createTar(name: string, content: string, kind = '0', target = ''): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\x000000000\x000000000\x00', 100)
  header.write(`${content.length.toString(8).padStart(11, '0')}\x0000000000000\x00        `, 124)
  header.write(`${kind}${target}`, 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148)
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
  body.write(content)
  return Buffer.concat([header, body, Buffer.alloc(1024)])
}
