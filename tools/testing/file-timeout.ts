// Preloaded into every test file's process: node:test's own timeout ends a test, not a file that hangs after its tests
// (a server left listening) or that never yields (a loop). A thread of its own sees both.
import { isMainThread, Worker } from 'node:worker_threads'

const fileTimeoutMs = Number(process.env.TEST_FILE_TIMEOUT_MS ?? 180_000)

const source = `
  const { workerData } = require('node:worker_threads')
  setTimeout(() => {
    require('node:fs').writeSync(2, workerData.file + ' was still running after ' + workerData.ms / 1000 + ' s and was stopped\\n')
    process.kill(process.pid, 'SIGKILL')
  }, workerData.ms)`

if (isMainThread) {
  new Worker(source, { eval: true, execArgv: [], workerData: { file: process.argv[1], ms: fileTimeoutMs } }).unref()
}
