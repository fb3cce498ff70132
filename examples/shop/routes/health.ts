import { type Routes, sendJson } from '../call.ts'

export const healthRoutes = (): Routes => ({
  'GET /health': (call) => sendJson(call, 200, { status: 'ok' }),
})
