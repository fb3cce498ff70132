import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** How the mail server behaves; what is left out is done as usual. */
export interface MailServerBehaviour {
  /** Answers to commands, by their first word. */
  readonly answers?: Readonly<Record<string, string>>
  /** Never says a word. */
  readonly silent?: boolean
}

/** A mail server on this machine that keeps what it is told (RFC 5321), and holds its clients to the order of commands. */
export interface MailServer {
  readonly url: string
  readonly commands: string[]
  readonly mails: string[]
  behaviour: MailServerBehaviour
  close(): Promise<void>
}

export async function startMailServer(port = 0, host = '127.0.0.1'): Promise<MailServer> {
  const sockets = new Set<Socket>()
  const commands: string[] = []
  const mails: string[] = []
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    talk(socket, mailServer)
  })
  server.listen(port, host)
  await once(server, 'listening')
  const mailServer: MailServer = {
    url: `smtp://${host}:${(server.address() as AddressInfo).port}`,
    commands,
    mails,
    behaviour: {},
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return mailServer
}

/** Which commands may come before one. */
const before: Readonly<Record<string, RegExp>> = { MAIL: /^(EHLO|HELO|\.)$/, RCPT: /^(MAIL|RCPT)$/, DATA: /^RCPT$/ }

function talk(socket: Socket, server: MailServer): void {
  if (server.behaviour.silent) return
  const say = (text: string) => void socket.write(`${text}\r\n`)
  let [last, text, data] = ['', '', null as string[] | null]
  say('220 mail.example.test ESMTP')
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\r\n')
    text = lines.pop() ?? ''
    for (const line of lines) take(line)
  })

  function take(line: string): void {
    if (data === null) takeCommand(line)
    else takeData(line, data)
  }

  function takeCommand(line: string): void {
    server.commands.push(line)
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? ''
    const answer = server.behaviour.answers?.[verb]
    if (answer !== undefined) say(answer)
    else if (before[verb]?.test(last) === false) say('503 bad sequence of commands')
    else {
      last = verb
      if (verb === 'DATA') data = []
      if (verb === 'QUIT') socket.end('221 bye\r\n')
      else say(verb === 'DATA' ? '354 go on' : '250 fine')
    }
  }

  function takeData(line: string, lines: string[]): void {
    if (line !== '.') {
      lines.push(line.replace(/^\./, ''))
      return
    }
    server.mails.push(lines.join('\n'))
    data = null
    last = '.'
    say('250 queued')
  }
}
