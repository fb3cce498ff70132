// Asks at a fixed rate whatever the answers do, so that a wait is seen by all who come meanwhile:
// `node load/paced-clients.ts HOST PORT PATH RATE SECONDS TOKENS FIRST`, each token of the file once from that line on.
// A rate of 0 asks as fast as 16 connections can. Prints one line of JSON.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile } from '../harness/statistics.ts'

const [host, port, path, rate, seconds, file, first] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
]
const connections = 16
const tokens = readFileSync(file, 'utf8').split('\n').slice(Number(first), -1)
const agent = new Agent({ keepAlive: true, maxSockets: Number(rate) === 0 ? connections : 256 })
const latencies: number[] = []
let next = 0
let lost = 0

const startedAt = performance.now()
const endsAt = startedAt + Number(seconds) * 1000
if (Number(rate) === 0) await Promise.all(Array.from({ length: connections }, keepAsking))
else await keepPace()
const took = performance.now() - startedAt
agent.destroy()
console.log(
  JSON.stringify({
    requestsPerSecond: latencies.length / (took / 1000),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    lost,
    used: next,
  }),
)

async function keepAsking(): Promise<void> {
  while (performance.now() < endsAt && next < tokens.length) await ask(performance.now())
}

async function keepPace(): Promise<void> {
  const asked: Promise<void>[] = []
  for (let due = startedAt; due < endsAt && next < tokens.length; due = startedAt + (next * 1000) / Number(rate)) {
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait)
    asked.push(ask(due))
  }
  await Promise.all(asked)
}

/** The time counts from when it was due. */
function ask(due: number): Promise<void> {
  const headers = { authorization: `Bearer ${tokens[next++]}` }
  return new Promise((resolve) => {
    const end = (good: boolean) => {
      if (good) latencies.push(performance.now() - due)
      else lost++
      resolve()
    }
    request({ host, port, path, agent, headers, timeout: 5000 }, (response) => {
      response.resume().once('close', () => end(response.complete && response.statusCode === 200))
    })
      .on('timeout', function (this: { destroy(): void }) {
        this.destroy()
      })
      .on('error', () => end(false))
      .end()
  })
}
