import type { IdentityOptions } from '../../identity/options.ts'
import type { IssuersBlock } from '../../policies/jwt/issuer-options.ts'
import type { Report } from '../config-error.ts'
import type { Blocks } from '../read-blocks.ts'
import { withOwnIssuers } from './own-issuers.ts'

/** What the block `identity` means to other blocks: its tokens are believed, and there is a key to seal with. */
export function addIdentity(blocks: Blocks, report: Report): Blocks {
  const { values, broken } = blocks
  const identity = values.identity as IdentityOptions | undefined
  if (identity === undefined) return blocks
  if (values.secrets === undefined && !broken.has('secrets')) {
    const hint =
      'Write `secrets: { master: { key: env:PORTCULLIS_MASTER_KEY } }` and make the key with `openssl rand -base64 32`.'
    report.add(['identity'], 'needs the block `secrets`: everything that it keeps is encrypted', { part: 'key', hint })
  }
  const issuers = withOwnIssuers(values.issuers as IssuersBlock | undefined, identity, report)
  return { values: { ...values, issuers }, broken }
}
