import { defineNodePeer } from './node-program.ts'

export const bareHandler = defineNodePeer('bare', 'node:http handler, no policies, no log', 'bare-handler.mjs')

export const expressStack = defineNodePeer(
  'express-stack',
  'Express with helmet, cors, express-rate-limit, jsonwebtoken, winston',
  'express-stack.mjs',
  { authenticates: true },
)
