import type { ServerResponse } from 'node:http'

const HEARTBEAT_MS = 15_000
/** A reader that is this far behind is dropped; it may connect again. */
const MAX_BACKLOG_BYTES = 1024 * 1024

/** The order events, as server-sent events to everyone who listens. */
export interface EventStream {
  subscribe(response: ServerResponse): void
  publish(event: string, data: unknown): void
  close(): void
}

export function createEventStream(): EventStream {
  const readers = new Set<ServerResponse>()
  let lastId = 0

  const heartbeat = setInterval(() => send(': still here\n\n'), HEARTBEAT_MS)
  heartbeat.unref()

  function send(text: string): void {
    for (const reader of readers) {
      if (reader.writableLength <= MAX_BACKLOG_BYTES) reader.write(text)
      else {
        readers.delete(reader)
        reader.destroy()
      }
    }
  }

  return {
    subscribe(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      // The first bytes leave at once, so that the reader knows it is connected before anything happens.
      response.write('retry: 2000\n\n')
      readers.add(response)
      response.on('close', () => readers.delete(response))
    },
    publish(event, data) {
      lastId += 1
      send(`id: ${lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    close() {
      clearInterval(heartbeat)
      for (const reader of readers) reader.end()
    },
  }
}
