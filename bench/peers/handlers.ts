import { defineNodePeer } from './node-program.ts'

export const bareHandler = defineNodePeer({
  name: 'bare',
  description: 'node:http handler, no policies, no log',
  file: 'bare-handler.mjs',
})

export const guardedHandler = defineNodePeer({
  name: 'portcullis-node',
  description: 'the same handler behind Portcullis: JWT RS256, limit per principal, CORS, headers, log, metrics',
  file: 'portcullis-node.ts',
  authenticates: true,
})

export const expressStack = defineNodePeer({
  name: 'express-stack',
  description: 'Express with helmet, cors, express-rate-limit, jsonwebtoken, winston',
  file: 'express-stack.mjs',
  authenticates: true,
})

export const guardedExpress = defineNodePeer({
  name: 'portcullis-express',
  description: 'the same application behind Portcullis',
  file: 'portcullis-express.ts',
  authenticates: true,
})
