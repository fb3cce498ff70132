import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'

const forwarded = process.platform === 'win32' ? ['SIGINT'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']

/**
 * Runs a program and passes on the signals that this process gets, so that whoever stops the one stops the other.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null }>}
 */
export async function runChild(command, args, options) {
  const child = spawn(command, args, options)
  const atTerminal = [0, 1, 2].some((fd) => isatty(fd))
  const handlers = forwarded.map((signal) => {
    const handler = () => {
      // A terminal sends Ctrl-C to the whole group: passing it on would make the child see it twice, and a second
      // Ctrl-C asks most servers to stop without draining.
      if (!(atTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal)
    }
    process.on(signal, handler)
    return () => process.off(signal, handler)
  })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal], signal }))
    })
  } finally {
    for (const remove of handlers) remove()
  }
}
