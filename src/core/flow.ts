import { type Answer, toAnswer } from './answer.ts'
import { type Decision, type Refusal, refuse } from './decision.ts'
import type { Exchange, Outcome } from './exchange.ts'

/** Takes an exchange through its request stages and then forwards or answers it. Never throws. */
export function run(exchange: Exchange): void {
  const decision = exchange.pipeline.decide(exchange)
  if (decision instanceof Promise) decision.then((settled) => carryOut(exchange, settled))
  else carryOut(exchange, decision)
}

function carryOut(exchange: Exchange, decision: Decision): void {
  // The client may have gone while a policy was deciding.
  if (exchange.settled) return
  switch (decision.kind) {
    case 'next':
      forward(exchange)
      return
    case 'reply':
      deliver(exchange, toAnswer(decision))
      return
    case 'refuse':
      fail(exchange, decision)
      return
  }
}

function forward(exchange: Exchange): void {
  exchange.forwardedAt = performance.now()
  try {
    exchange.carrier.forward(exchange)
  } catch (error) {
    exchange.fault = error
    fail(exchange, refuse('internal_error', 'forward threw'))
  }
}

/** Ends the exchange with a problem; where an answer was sent already, the connection is ended instead. */
export function fail(exchange: Exchange, refusal: Refusal): void {
  if (exchange.settled) return
  exchange.refusal = refusal
  if (exchange.answered) exchange.carrier.abort(exchange, refusal.code)
  else deliver(exchange, exchange.pipeline.problem(exchange, refusal))
}

/** Runs the `respond` hooks on an answer and sends it. An exchange is answered once; later answers are dropped. */
export function deliver(exchange: Exchange, answer: Answer): void {
  if (exchange.answered || exchange.settled) return
  exchange.answered = true
  exchange.answeredAt = performance.now()
  const ready = exchange.pipeline.respond(exchange, answer)
  if (ready instanceof Promise) ready.then((settled) => send(exchange, settled))
  else send(exchange, ready)
}

function send(exchange: Exchange, answer: Answer): void {
  if (exchange.settled) return
  try {
    exchange.carrier.send(exchange, answer)
  } catch (error) {
    exchange.fault = error
    exchange.carrier.abort(exchange, 'internal_error')
  }
}

/** Runs the `done` hooks, exactly once per exchange, however often the carrier calls. */
export function settle(exchange: Exchange, outcome: Outcome): void {
  if (exchange.settled) return
  exchange.settled = true
  exchange.pipeline.done(exchange, outcome)
}
