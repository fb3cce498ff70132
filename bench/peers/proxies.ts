import { defineNodePeer } from './node-program.ts'

export const undiciProxy = defineNodePeer(
  'undici',
  'node:http + undici pool.stream, no policies, no log',
  'undici-proxy.mjs',
)

export const undiciDispatchProxy = defineNodePeer(
  'undici-dispatch',
  'node:http + undici dispatch handler, no policies, no log',
  'undici-dispatch-proxy.mjs',
)

export const fastifyProxy = defineNodePeer('fastify', '@fastify/http-proxy, no policies, no log', 'fastify-proxy.mjs')
