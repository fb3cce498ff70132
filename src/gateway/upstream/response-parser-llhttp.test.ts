import assert from 'node:assert/strict'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { goodAnswers, refusedAnswers, spoiledAnswers } from '../../../test/support/upstream-answers.ts'
import { ResponseParser, type ResponseSink } from './response-parser.ts'

interface Reading {
  readonly status: number
  readonly content: string
}

/** What Node's own client (llhttp) makes of the bytes; null where it refuses them or waits for more. */
function readWithNode(text: string): Promise<Reading | null> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const call = request({ createConnection: () => socket as Socket, path: '/' })
    let isAnswered = false
    call.on('error', () => resolve(null))
    call.on('response', (answer) => {
      isAnswered = true
      let content = ''
      answer.setEncoding('latin1')
      answer.on('data', (part: string) => {
        content += part
      })
      answer.on('error', () => {})
      answer.on('close', () => resolve(answer.complete ? { status: answer.statusCode as number, content } : null))
    })
    call.on('close', () => !isAnswered && resolve(null))
    call.end()
    socket.push(Buffer.from(text, 'latin1'))
    socket.push(null)
  })
}

/** What ours makes of them, and how many of them it took. */
function readWithOurs(text: string): { reading: Reading; taken: number } | null {
  let status = 0
  let content = ''
  let result: Reading | null = null
  const sink: ResponseSink = {
    onInterim() {},
    onAnswerHead(head) {
      status = head.status
    },
    onContent(chunk) {
      content += chunk.toString('latin1')
    },
    onComplete() {
      result = { status, content }
    },
    onSwitch() {},
    onInvalid() {},
  }
  const parser = new ResponseParser(sink)
  parser.expect({ method: 'GET', upgrade: null })
  const bytes = Buffer.from(text, 'latin1')
  let taken = 0
  while (result === null && taken < bytes.length) parser.push(bytes.subarray(taken, ++taken), 1)
  if (result === null) parser.pushEnd()
  return result === null ? null : { reading: result, taken }
}

/** Where ours takes an answer, llhttp has to read the same one: stricter is fine, looser is not. */
async function compare(text: string): Promise<boolean> {
  const ours = readWithOurs(text)
  if (ours === null) return false
  // Node lets an answer fail where more bytes follow it; ours gives the connection up instead.
  assert.deepEqual(await readWithNode(text.slice(0, ours.taken)), ours.reading, JSON.stringify(text))
  return true
}

describe('beside llhttp', () => {
  it('reads good answers as it does', async () => {
    for (const text of goodAnswers) assert.equal(await compare(text), true)
  })

  it('takes nothing that it refuses or reads otherwise', async () => {
    for (const text of Object.values(refusedAnswers)) await compare(text)
    let taken = 0
    await fc.assert(
      fc.asyncProperty(spoiledAnswers, async (text) => {
        if (await compare(text)) taken += 1
      }),
      { numRuns: 1500 },
    )
    assert.ok(taken > 100, `only ${taken} spoiled answers were still answers`)
  })
})
