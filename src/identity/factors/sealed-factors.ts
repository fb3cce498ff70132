import type { FactorRecord } from '../../stores/ports/factor-store.ts'
import type { SealedPayloads } from '../artefacts/sealed-payloads.ts'

type Named = Pick<FactorRecord, 'id' | 'account'>

/** Seals what is kept of a factor for its row and its account: nobody can make one of their own somebody else's. */
export function sealFactor(payloads: SealedPayloads, factor: Named, data: object): string {
  return payloads.seal('Factor', toContext(factor), data)
}

/** Rejects with a `DecryptionError` where it was changed or moved. */
export function openFactor(payloads: SealedPayloads, factor: Named & { readonly data: string }): Promise<unknown> {
  return payloads.open({ kind: 'Factor', digest: toContext(factor), payload: factor.data })
}

/** Ids are letters and digits, and hold no colon. */
function toContext({ id, account }: Named): string {
  return `${id}:${account}`
}
