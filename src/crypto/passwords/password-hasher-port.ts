import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { definePort } from '../../core/ports.ts'
import { PasswordError, type PasswordErrorCode } from './password-error.ts'
import type { PasswordCallOptions, PasswordHasher } from './password-hasher.ts'

/** The hasher of the process, as every thread reaches it. */
export const passwordHasherPort = definePort<PasswordHasher>('password-hasher')

type Operation = 'hash' | 'verify' | 'verifyNothing'
type Question =
  | { readonly id: number; readonly operation: Operation; readonly values: readonly string[] }
  | { readonly id: number; readonly operation: 'cancel' }
type Answer = { readonly id: number } & (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: PasswordErrorCode; readonly message: string }
)

/**
 * Makes the end of a channel that another thread reaches the hasher through: passwords are hashed on as many threads as
 * the process has for it, however many threads ask. When the other end is closed, what it waits for is taken back.
 */
export function sharePasswordHasher(hasher: PasswordHasher): MessagePort {
  const { port1, port2 } = new MessageChannel()
  const running = new Map<number, AbortController>()
  port1.on('message', async (question: Question) => {
    const { id } = question
    if (question.operation === 'cancel') return running.get(id)?.abort()
    const controller = new AbortController()
    running.set(id, controller)
    const answer = await ask(hasher, question.operation, question.values, controller.signal)
    running.delete(id)
    port1.postMessage({ id, ...answer })
  })
  port1.on('close', () => {
    for (const controller of running.values()) controller.abort()
  })
  port1.unref()
  return port2
}

/** The other end: a hasher like any other. It keeps its thread alive only while it waits for an answer. */
export function reachPasswordHasher(port: MessagePort): PasswordHasher & { close(): void } {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  let lastId = 0
  const end = (id: number) => {
    waiting.delete(id)
    if (waiting.size === 0) port.unref()
  }
  port.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    end(answer.id)
    if (answer.ok) asked?.resolve(answer.value as never)
    else asked?.reject(new PasswordError(answer.code, answer.message))
  })
  port.on('close', () => {
    for (const { reject } of waiting.values()) reject(new PasswordError('closed', 'the password hasher is closed'))
    waiting.clear()
  })
  port.unref()

  function send<T>(operation: Operation, values: readonly string[], { signal }: PasswordCallOptions = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      port.ref()
      port.postMessage({ id, operation, values })
      signal?.addEventListener(
        'abort',
        () => {
          if (!waiting.has(id)) return
          end(id)
          port.postMessage({ id, operation: 'cancel' })
          reject(signal.reason)
        },
        { once: true },
      )
    })
  }

  return {
    hash: (password, options) => send('hash', [password], options),
    verify: (password, hash, options) => send('verify', [password, hash], options),
    verifyNothing: (password, options) => send('verifyNothing', [password], options),
    close: () => port.close(),
  }
}

async function ask(hasher: PasswordHasher, operation: Operation, values: readonly string[], signal: AbortSignal) {
  const [first = '', second = ''] = values
  try {
    const value =
      operation === 'verify' ? hasher.verify(first, second, { signal }) : hasher[operation](first, { signal })
    return { ok: true, value: await value }
  } catch (error) {
    const code = error instanceof PasswordError ? error.code : 'failed'
    return { ok: false, code, message: (error as Error).message }
  }
}
