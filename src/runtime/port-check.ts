import { createServer } from 'node:net'

/**
 * Fails where another program holds the port. Threads share their ports, and the system would let a second gateway of
 * the same user share them too, without a word.
 */
export function checkPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message
      reject(new Error(`cannot listen on ${host} port ${port}: ${reason}`))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()))
  })
}
