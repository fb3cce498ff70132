import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { startMailServer } from '../../../test/support/mail-server.ts'
import { silentLog, silentMeter } from '../../core/telemetry.ts'
import { createKeyRing } from '../../crypto/ring/key-ring.ts'
import { createMailStore } from '../../stores/mail-store.ts'
import { openSqliteStore } from '../../stores/sqlite/sqlite-store.ts'
import { createSealedPayloads } from '../artefacts/sealed-payloads.ts'
import { createFolderDelivery } from './folder.ts'
import { type Deliver, MailRefusedError } from './mail.ts'
import { toWaitingMail } from './queue.ts'
import { startMailSender } from './sender.ts'
import { createSmtpDelivery } from './smtp.ts'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-mail-'))
after(() => rmSync(folder, { recursive: true }))

const mail = {
  to: 'ann@example.test',
  subject: 'Your account',
  text: 'Open this:\n\nhttps://a.test/?token=SECRET\n.\n',
}
const from = 'accounts@shop.test'

describe('a mail by SMTP', () => {
  test('is handed over in the order of the protocol, whole', async () => {
    const server = await startMailServer()
    await createSmtpDelivery({ url: server.url, from })(mail)
    assert.deepEqual(
      server.commands.map((line) => line.replace(/^EHLO .*/, 'EHLO')).filter((line) => line !== 'QUIT'),
      ['EHLO', `MAIL FROM:<${from}>`, `RCPT TO:<${mail.to}>`, 'DATA'],
    )
    const [sent = ''] = server.mails
    assert.match(sent, /^Subject: Your account$/m)
    assert.match(sent, /^Auto-Submitted: auto-generated$/m)
    assert.ok(sent.replaceAll('=3D', '=').includes('https://a.test/?token=SECRET\n.'), sent)
    await server.close()
  })

  test('is not sent in the clear to a server elsewhere', async () => {
    // Another address than those that are said to be this machine.
    const server = await startMailServer(0, '127.0.0.2')
    await assert.rejects(createSmtpDelivery({ url: server.url, from, silenceMs: 500 })(mail))
    assert.ok(server.commands.includes('STARTTLS'), server.commands.join())
    assert.ok(!server.commands.some((line) => line.startsWith('MAIL')))
    assert.deepEqual(server.mails, [])
    await server.close()
  })

  test('to a server that says nothing fails soon', { timeout: 5000 }, async () => {
    const server = await startMailServer()
    server.behaviour = { silent: true }
    await assert.rejects(createSmtpDelivery({ url: server.url, from, silenceMs: 200 })(mail))
    await assert.rejects(createSmtpDelivery({ url: server.url, from, limitMs: 200 })(mail), /longer than 200 ms/)
    await server.close()
  })

  test('that is refused for good is told from one that may be sent later', async () => {
    const server = await startMailServer()
    const deliver = createSmtpDelivery({ url: server.url, from })
    server.behaviour = { answers: { RCPT: '550 nobody of that name' } }
    await assert.rejects(deliver(mail), MailRefusedError)
    server.behaviour = { answers: { RCPT: '450 come again' } }
    await assert.rejects(deliver(mail), (error) => !(error instanceof MailRefusedError))
    await server.close()
  })
})

test('a mail in a folder is one file for its owner alone', async () => {
  await createFolderDelivery(join(folder, 'mails'), { now: () => 0, log: silentLog })(mail)
  const [name = ''] = await readdir(join(folder, 'mails'))
  assert.match(await readFile(join(folder, 'mails', name), 'utf8'), /^To: ann@example.test\nSubject: Your account\n/)
  assert.equal((await stat(join(folder, 'mails', name))).mode & 0o077, 0)
})

describe('the queue of mails', () => {
  let count = 0

  async function open(deliver: Deliver, startAt = 1000) {
    const store = await openSqliteStore({ path: join(folder, `${count++}.db`) })
    const mails = createMailStore(store.db)
    const ring = createKeyRing([
      { id: 'k'.repeat(12), role: 'active', secret: randomBytes(32) },
      { id: 'i'.repeat(12), role: 'index', secret: randomBytes(32) },
    ])
    const payloads = createSealedPayloads({ current: () => ring, withKey: () => ring })
    const clock = { now: startAt }
    const sender = startMailSender({
      ...{ store: mails, wayOf: () => ({ payloads, deliver }), log: silentLog, meter: silentMeter },
      now: () => clock.now,
      intervalMs: 5,
    })
    const close = async () => {
      await sender.stop()
      store.close()
    }
    const add = (expiresAt: number) => mails.add(toWaitingMail(payloads, mail, clock.now, expiresAt))
    return { db: store.db, mails, clock, add, close }
  }

  test('is sealed, and empty once they are sent', async () => {
    const sent: unknown[] = []
    const { db, mails, add, close } = await open(async (one) => void sent.push(one))
    await add(100_000)
    const rows = await db.selectFrom('mails').selectAll().execute()
    assert.ok(!JSON.stringify(rows).includes('SECRET') && !JSON.stringify(rows).includes('ann@'))
    await eventually('it is sent', async () => (await mails.count()) === 0)
    assert.deepEqual(sent, [mail])
    await close()
  })

  test('outlasts a server that is down, and asks it less and less often', async () => {
    const server = await startMailServer()
    await server.close()
    const attempts: number[] = []
    const deliver = createSmtpDelivery({ url: server.url, from })
    const { mails, clock, add, close } = await open(async (one) => {
      attempts.push(clock.now)
      await deliver(one)
    })
    await add(10_000_000)
    const tried = (times: number) => () => attempts.length === times
    await eventually('it was tried', tried(1))
    for (const waitMs of [10_000, 20_000]) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      clock.now += waitMs - 1
      await new Promise((resolve) => setTimeout(resolve, 50))
      const before = attempts.length
      clock.now += 1
      await eventually('it is tried again', tried(before + 1))
    }
    assert.deepEqual(attempts, [1000, 11_000, 31_000])
    const again = await startMailServer(Number(new URL(server.url).port))
    await new Promise((resolve) => setTimeout(resolve, 50))
    clock.now += 40_000
    await eventually('it arrives', () => again.mails.length === 1)
    await eventually('nothing waits', async () => (await mails.count()) === 0)
    await close()
    await again.close()
  })

  test('forgets what is worth nothing any more, and what is refused for good', async () => {
    const { mails, add, close } = await open(async () => {
      throw new MailRefusedError('550')
    }, 5000)
    await add(4000)
    await add(100_000)
    await eventually('nothing waits', async () => (await mails.count()) === 0)
    await close()
  })

  test('gives a mail to one of two senders', async () => {
    const { mails, add, close } = await open(async () => {}, 0)
    await add(100_000)
    const both = await Promise.all([mails.take(1, 60_000, 5), mails.take(1, 60_000, 5)])
    assert.ok(both.flat().length <= 1)
    await close()
  })
})
