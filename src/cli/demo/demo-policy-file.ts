import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { type Document, parseDocument } from 'yaml'

/**
 * Writes the example's policy file for this run: the shop's address, and other ports where the usual ones are taken. Its
 * data folder is beside it. Comments stay, so that it can be read and tried out.
 */
export async function writeDemoPolicyFile(source: string, folder: string, shopUrl: string): Promise<string> {
  const document = parseDocument(await readFile(source, 'utf8'))
  document.setIn(['upstreams', 'shop', 'targets', 0], shopUrl)
  // Its document stays where it is.
  const contract = ['defaults', 'validate', 'openapi']
  document.setIn(contract, resolve(dirname(source), String(document.getIn(contract))))
  for (const listener of ['https', 'http', 'admin']) await moveIfTaken(document, ['listen', listener, 'port'])
  const path = join(folder, 'portcullis.yaml')
  await writeFile(path, String(document))
  return path
}

async function moveIfTaken(document: Document, path: readonly string[]): Promise<void> {
  const wanted = document.getIn(path)
  if (typeof wanted === 'number' && (await openPort(wanted)) === null) document.setIn(path, await openPort(0))
}

/** The port when it could be opened (0: a free one), null when it is taken. */
function openPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, () => {
      const { port: opened } = server.address() as { port: number }
      server.close(() => resolve(opened))
    })
  })
}
