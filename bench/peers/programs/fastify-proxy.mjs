// @fastify/http-proxy as its README shows it, no policies, no log.
import proxy from '@fastify/http-proxy'
import Fastify from 'fastify'

const app = Fastify()
app.register(proxy, { upstream: process.env.UPSTREAM })
console.log(`ready ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
