import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog, silentMeter } from '../../core/telemetry.ts'
import type { ClientRecord } from '../../stores/ports/client-store.ts'
import { LogoutNotices } from './logout-notices.ts'

test('a client that does not answer keeps nobody else waiting', async () => {
  const asked: string[] = []
  const notices = new LogoutNotices({
    outbound: {
      request: async (url) => {
        asked.push(String(url))
        if (String(url).includes('hangs')) throw new Error('it took too long')
        return { status: 204, headers: {}, body: Buffer.alloc(0) } as never
      },
    },
    directory: {
      find: async (id: string) => ({ id, settings: { backchannelLogoutUri: `https://${id}.test/` } }) as ClientRecord,
    } as never,
    log: silentLog,
    meter: silentMeter,
  })
  const tell = (client: string) => notices.tell({ client, token: 't' })
  assert.deepEqual(await Promise.all([tell('hangs'), tell('shop')]), [false, true])
  assert.deepEqual([await tell('hangs'), await tell('hangs'), await tell('shop')], [false, false, true])
  assert.deepEqual(asked, ['https://hangs.test/', 'https://shop.test/', 'https://shop.test/'])
})
