import { HttpError, type Routes } from '../call.ts'

export const liveRoutes = (): Routes => ({
  // WebSocket handshakes do not get here.
  'GET /live': ({ response }) => {
    response.setHeader('upgrade', 'websocket')
    throw new HttpError(426, 'This address speaks WebSocket.')
  },
})
