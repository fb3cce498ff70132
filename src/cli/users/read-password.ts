import type { ReadStream } from 'node:tty'
import { KeyCommandError } from '../keys/key-session.ts'
import { LineError, readLines } from '../keys/read-lines.ts'

/** A password is never an argument: those are seen by everybody on the machine and kept by shells. */
export async function readPassword(input: ReadStream, write: (text: string) => void): Promise<string> {
  if (!input.isTTY) return readFirstLine(input)
  const first = await ask(input, write, 'New password: ')
  if ((await ask(input, write, 'Once more: ')) === first) return first
  throw new KeyCommandError('The two are not the same: nothing was changed.')
}

/** The first line of what a program or a file gives. */
export async function readFirstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    for await (const { text } of readLines(input)) return text
  } catch (error) {
    if (error instanceof LineError) throw new KeyCommandError(`The password cannot be read: ${error.message}.`)
    throw error
  }
  throw new KeyCommandError('No password came on standard input.')
}

/** Reads a line without showing it. */
function ask(input: ReadStream, write: (text: string) => void, prompt: string): Promise<string> {
  write(prompt)
  input.setRawMode(true)
  input.setEncoding('utf8')
  return new Promise((resolve, reject) => {
    let typed = ''
    const end = () => {
      input.off('data', take)
      input.setRawMode(false)
      input.pause()
      write('\n')
    }
    const take = (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') {
          end()
          return resolve(typed)
        }
        if (character === '\u0003' || character === '\u0004') {
          end()
          return reject(new KeyCommandError('Nothing was changed.'))
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('')
        else if (typed.length < 2048) typed += character
      }
    }
    input.on('data', take)
    input.resume()
  })
}
