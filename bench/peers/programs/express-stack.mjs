// The usual way to protect an Express API: helmet, cors, express-rate-limit, jsonwebtoken, winston.
import { readFileSync } from 'node:fs'
import cors from 'cors'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import jwt from 'jsonwebtoken'
import winston from 'winston'

const { ANSWER, ISSUER, AUDIENCE, PUBLIC_KEY_FILE, ALLOWED_ORIGIN, LIMIT_PER_MINUTE } = process.env
const order = JSON.parse(ANSWER)
const key = readFileSync(PUBLIC_KEY_FILE, 'utf8')
const log = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new winston.transports.Console()],
})

const app = express()
app.use((request, response, next) => {
  const startedAt = performance.now()
  response.on('finish', () => {
    log.info('request', {
      method: request.method,
      path: request.originalUrl,
      status: response.statusCode,
      client: request.ip,
      subject: request.principal?.sub,
      ms: performance.now() - startedAt,
    })
  })
  next()
})
app.use(helmet())
app.use(cors({ origin: [ALLOWED_ORIGIN] }))
app.use((request, response, next) => {
  const [scheme, token] = request.headers.authorization?.split(' ') ?? []
  if (scheme !== 'Bearer' || token === undefined) return response.status(401).json({ title: 'Unauthorized' })
  jwt.verify(token, key, { algorithms: ['RS256'], issuer: ISSUER, audience: AUDIENCE }, (error, claims) => {
    if (error) return response.status(401).json({ title: 'Unauthorized' })
    request.principal = claims
    next()
  })
})
app.use(
  rateLimit({
    windowMs: 60_000,
    limit: Number(LIMIT_PER_MINUTE),
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => request.principal.sub,
  }),
)
app.get('/orders/:id', (_request, response) => response.json(order))

const server = app.listen(0, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${server.address().port}`))
