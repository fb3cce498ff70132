import { defineNodePeer } from './node-program.ts'

export const undiciProxy = defineNodePeer({
  name: 'undici',
  description: 'node:http + undici pool.stream, no policies, no log',
  file: 'undici-proxy.mjs',
})

export const undiciDispatchProxy = defineNodePeer({
  name: 'undici-dispatch',
  description: 'node:http + undici dispatch handler, no policies, no log',
  file: 'undici-dispatch-proxy.mjs',
})

export const fastifyProxy = defineNodePeer({
  name: 'fastify',
  description: '@fastify/http-proxy, no policies, no log',
  file: 'fastify-proxy.mjs',
})
