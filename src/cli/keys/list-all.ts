import type { KeyPage, KeyRecord, KeyStore } from '../../stores/ports/key-store.ts'

const pageSize = 500

/** Every key, or those that are asked for, in the order of ids. */
export async function* listAll(
  store: KeyStore,
  asked: Pick<KeyPage, 'owner' | 'ends'> = {},
): AsyncGenerator<KeyRecord> {
  let after: string | undefined
  for (;;) {
    const page = await store.list({ ...asked, limit: pageSize, ...(after === undefined ? {} : { after }) })
    yield* page
    after = page.at(-1)?.id
    if (page.length < pageSize) return
  }
}
