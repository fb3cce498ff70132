import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { IdentityReader } from './identity.ts'
import { openWebSocket, type WebSocketConnection } from './websocket/connection.ts'
import { CLOSE } from './websocket/frames.ts'
import { acceptWebSocket, refuseUpgrade } from './websocket/handshake.ts'

/** The WebSocket of `/live`: `whoami` answers the caller's name, everything else comes back as it was sent. */
export interface Live {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
  /** Says goodbye to everyone and resolves when the last socket is closed. */
  close(): Promise<void>
}

export function createLive(readIdentity: IdentityReader): Live {
  const sockets = new Map<Duplex, WebSocketConnection | undefined>()

  return {
    async accept(request, socket, head) {
      sockets.set(socket, undefined)
      socket.on('close', () => sockets.delete(socket))
      // A reset is no news: `close` follows it.
      socket.on('error', () => socket.destroy())
      try {
        const identity = await readIdentity(request)
        if (socket.destroyed || !acceptWebSocket(request, socket)) return
        const connection = openWebSocket(socket, head, (message, { send }) => {
          send(message === 'whoami' ? (identity?.subject ?? 'anonymous') : message)
        })
        if (sockets.has(socket)) sockets.set(socket, connection)
      } catch {
        // The key set could not be read, so nobody knows who this is.
        refuseUpgrade(socket, '500 Internal Server Error')
      }
    },
    async close() {
      const closed = [...sockets.keys()].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const [socket, connection] of sockets) {
        if (connection === undefined) socket.destroy()
        else connection.close(CLOSE.goingAway)
      }
      await Promise.all(closed)
    },
  }
}
