import { suggest } from '../../core/suggest.ts'
import type { KeyRecord, KeyStore } from '../../stores/ports/key-store.ts'
import { listAll } from './list-all.ts'

const maxMeant = 5

/** Says that there is no such key, and which ones may have been meant: by a near id, a name or an owner. */
export async function describeUnknownKey(store: KeyStore, written: string): Promise<string> {
  const ids: string[] = []
  const named: KeyRecord[] = []
  for await (const key of listAll(store)) {
    ids.push(key.id)
    if (key.name === written || key.owner === written) named.push(key)
  }
  const near = suggest(written, ids)
  const meant = [...(near === null ? [] : [near]), ...named.slice(0, maxMeant).map(toShort)]
  const problem = `There is no key "${written}".`
  if (meant.length === 0) return `${problem} \`portcullis keys list\` shows the ids of all.`
  return `${problem} Did you mean ${meant.join(', ')}?`
}

function toShort({ id, owner, name }: KeyRecord): string {
  return `${id} (${name === null ? owner : `${owner}, ${name}`})`
}
