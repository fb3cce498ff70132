import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A shell that keeps its folder, variables and aliases between commands, as a reader's terminal does. */
export interface ShellSession {
  /** What the commands printed, on either stream. */
  run(commands: string): Promise<string>
  /** All that was printed so far, by programs in the background too. */
  readonly transcript: string
  /** Ends the shell and whatever it started. */
  close(): Promise<void>
}

const mark = '---the end of a command---'

export function openShellSession(folder: string, env: NodeJS.ProcessEnv): ShellSession {
  // A group of its own, so that programs in the background end with it.
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env, detached: true })
  const exited = once(shell, 'exit')
  let transcript = ''
  const take = (chunk: Buffer) => {
    transcript += chunk.toString()
  }
  shell.stdout.on('data', take)
  shell.stderr.on('data', take)
  shell.stdin.write('exec 2>&1; shopt -s expand_aliases\n')
  return {
    get transcript() {
      return transcript.replaceAll(`\n${mark}\n`, '')
    },
    async run(commands) {
      const from = transcript.length
      shell.stdin.write(`${commands.trimEnd()}\necho; echo '${mark}'\n`)
      for (;;) {
        const end = transcript.indexOf(`\n${mark}\n`, from)
        if (end !== -1) return transcript.slice(from, end)
        await Promise.race([
          once(shell.stdout, 'data'),
          exited.then(() => Promise.reject(new Error('the shell ended'))),
        ])
      }
    },
    async close() {
      try {
        process.kill(-(shell.pid as number), 'SIGKILL')
      } catch {
        // Everything has ended already.
      }
      await exited
    },
  }
}
