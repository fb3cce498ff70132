import { parentPort } from 'node:worker_threads'
import { giveWay } from './give-way.ts'
import { type Job, runJob } from './job.ts'
import { PasswordError } from './password-error.ts'

/** What a thread answers. Errors cross as text: their classes do not. */
export type JobAnswer =
  | { readonly ok: true; readonly result: string | number }
  | { readonly ok: false; readonly code: 'hash_invalid' | 'failed'; readonly message: string }

const port = parentPort
if (port === null) throw new Error('passwords are hashed in a thread')

giveWay()

port.on('message', (job: Job) => port.postMessage(answer(job)))

function answer(job: Job): JobAnswer {
  try {
    return { ok: true, result: runJob(job) }
  } catch (error) {
    const code = error instanceof PasswordError && error.code === 'hash_invalid' ? 'hash_invalid' : 'failed'
    return { ok: false, code, message: (error as Error).message }
  }
}
