import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Answer, toAnswer } from '../core/answer.ts'
import { type Refusal, type Reply, refuse } from '../core/decision.ts'
import { createProblemAnswer, createProblemTable } from '../core/problem.ts'
import type { AdminRecord } from './admin-record.ts'
import { createBrokenRequestEnd } from './broken-request.ts'
import type { AdminLimits } from './limits.ts'
import { sendAnswer, toBytes } from './send-answer.ts'

const problems = createProblemTable([])

/** Answers what a server takes in: requests by `decide`, and bytes that never became one. All of it is recorded. */
export function serveRequests(
  server: Server,
  decide: (request: IncomingMessage) => Promise<Reply | Refusal>,
  record: AdminRecord,
  { maxPipelined, answerMs }: AdminLimits,
): void {
  const underWay = new WeakMap<Duplex, number>()
  const countOf = (socket: Duplex) => underWay.get(socket) ?? 0

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    if (countOf(socket) >= maxPipelined) {
      socket.destroy()
      return
    }
    underWay.set(socket, countOf(socket) + 1)
    const deadline = setTimeout(() => socket.destroy(), answerMs)
    response.once('close', () => {
      clearTimeout(deadline)
      underWay.set(socket, countOf(socket) - 1)
    })
    const decision = await decide(request).catch((error: unknown) => {
      record.noteFault(error)
      return refuse('internal_error', 'the metrics cannot be read')
    })
    sendAnswer(request, response, conclude(decision, socket))
  }

  function conclude(decision: Reply | Refusal, socket: Duplex): Answer {
    if (decision.kind === 'reply') {
      record.count(decision.status)
      return toAnswer(decision)
    }
    const id = randomUUID()
    const answer = createProblemAnswer({ id }, decision, problems)
    record.count(answer.status)
    record.noteRefusal(id, decision, (socket as Socket).remoteAddress ?? '')
    return answer
  }

  server.on('request', take)
  // Who waits for a word before sending a body gets the answer itself.
  server.on('checkContinue', take)
  server.on('checkExpectation', take)
  server.on(
    'clientError',
    createBrokenRequestEnd(
      (socket) => countOf(socket) > 0,
      (refusal, socket) => toBytes(conclude(refusal, socket)),
    ),
  )
}
