import type { KeyRecord, KeyStore } from '../../stores/ports/key-store.ts'

const pageSize = 500

/** Every key, or every key of one owner, in the order of ids. */
export async function* listAll(store: KeyStore, owner?: string): AsyncGenerator<KeyRecord> {
  let after: string | undefined
  for (;;) {
    const page = await store.list({
      limit: pageSize,
      ...(owner === undefined ? {} : { owner }),
      ...(after === undefined ? {} : { after }),
    })
    yield* page
    after = page.at(-1)?.id
    if (page.length < pageSize) return
  }
}
