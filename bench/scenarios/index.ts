import type { Scenario } from '../harness/scenario.ts'
import { authorization } from './authorization.ts'
import { credentialCost } from './credential-cost.ts'
import { embeddedExpress } from './embedded-express.ts'
import { embeddedNode } from './embedded-node.ts'
import { freshTokens } from './fresh-tokens.ts'
import { gateway } from './gateway.ts'
import { identityPruning } from './identity-pruning.ts'
import { identityStore } from './identity-store.ts'
import { injectionCheck } from './injection-check.ts'
import { jsonContract } from './json-contract.ts'
import { keyLookup } from './key-lookup.ts'
import { logIns } from './log-ins.ts'
import { masking } from './masking.ts'
import { openApiDocument } from './openapi-document.ts'
import { rateLimitTable } from './rate-limit-table.ts'
import { reloading } from './reloads.ts'
import { routeMatch } from './route-match.ts'
import { slowClients } from './slow-clients.ts'
import { startAndMemory } from './start-and-memory.ts'
import { structureScan } from './structure-scan.ts'
import { tokenEndpoint } from './token-endpoint.ts'
import { twoWorkers } from './two-workers.ts'
import { uncachedTokens } from './uncached-tokens.ts'

/** Every scenario there is, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  gateway,
  freshTokens,
  uncachedTokens,
  embeddedNode,
  credentialCost,
  embeddedExpress,
  twoWorkers,
  rateLimitTable,
  keyLookup,
  logIns,
  tokenEndpoint,
  identityStore,
  identityPruning,
  slowClients,
  routeMatch,
  structureScan,
  authorization,
  jsonContract,
  masking,
  openApiDocument,
  injectionCheck,
  reloading,
  startAndMemory,
]
