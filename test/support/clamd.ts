import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from './free-port.ts'
import { startProgram } from './program.ts'

/** ClamAV's daemon with a database of two signatures. */
export interface RunningClamd {
  /** As `antivirus.clamd` names them. */
  readonly unix: string
  readonly tcp: string
  stop(): Promise<void>
}

/** What the daemon finds: a text of ours, and EICAR's test file, put together here so that no scanner finds this file. */
export const malware = 'PORTCULLIS-ANTIVIRUS-TEST'
export const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')

const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** @param program the path of `clamd` */
export async function startClamd(program: string, streamMaxLength = '1M'): Promise<RunningClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-clamd-'))
  const port = await findFreePort()
  const socket = join(folder, 'clamd.ctl')
  writeFileSync(join(folder, 'own.ndb'), `Portcullis.Test:0:*:${Buffer.from(malware).toString('hex')}\n`)
  writeFileSync(join(folder, 'eicar.hdb'), '44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n')
  const configuration = [
    `DatabaseDirectory ${folder}`,
    `LocalSocket ${socket}`,
    'TCPAddr 127.0.0.1',
    `TCPSocket ${port}`,
    `StreamMaxLength ${streamMaxLength}`,
    'Foreground yes',
    'MaxThreads 4',
  ]
  writeFileSync(join(folder, 'clamd.conf'), `${configuration.join('\n')}\n`)
  if (nobody.uid !== undefined) chownSync(folder, nobody.uid, nobody.gid)
  const running = startProgram(program, ['-c', join(folder, 'clamd.conf')], folder, nobody)
  const deadline = Date.now() + 30_000
  while (!existsSync(socket) || !running.output().includes('Self checking')) {
    if (running.hasEnded() || Date.now() > deadline) throw new Error(`clamd did not start:\n${running.output()}`)
    await sleep(50)
  }
  return {
    unix: `unix:${socket}`,
    tcp: `tcp://127.0.0.1:${port}`,
    async stop() {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
