import { cryptoBlocks } from '../../crypto/options.ts'
import { identityBlocks } from '../../identity/options.ts'
import { observeBlocks } from '../../observe/options.ts'

/** The top-level blocks of folders that are no policies. */
export const otherBlocks = { ...observeBlocks, ...cryptoBlocks, ...identityBlocks }
