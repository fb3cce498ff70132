import { type OutboundClient, outboundPort } from '../../src/outbound/outbound.ts'
import { createOutboundClient } from '../../src/outbound/outbound-client.ts'
import { jwt } from '../../src/policies/jwt/index.ts'
import { issuersBlock } from '../../src/policies/jwt/issuer-options.ts'
import { type ChangeEpoch, changeEpochPort } from '../../src/stores/ports/change-log.ts'
import { type RevocationLookup, revocationLookupPort } from '../../src/stores/ports/revocation-store.ts'
import { createTestPipeline, runTestExchange, type TestRequest, type TestResult } from './exchange.ts'
import type { TestIssuer } from './issuer.ts'

export interface JwtRouteOptions {
  /** As the policy file writes the block `issuers`. */
  readonly issuers: Record<string, unknown>
  readonly options?: unknown
  readonly now?: () => number
  readonly secrets?: Readonly<Record<string, string>>
  readonly outbound?: OutboundClient
  readonly epoch?: ChangeEpoch
  readonly revocations?: RevocationLookup
}

/** A route that asks for a token, in front of an upstream that answers 200. */
export async function createJwtRoute({
  issuers,
  options,
  now,
  secrets,
  outbound,
  epoch,
  revocations,
}: JwtRouteOptions) {
  const client = outbound ?? createOutboundClient()
  const pipeline = await createTestPipeline(
    [{ policy: jwt, options }],
    { authenticated: true },
    {
      ...(now && { now }),
      ...(secrets && { secrets }),
      blocks: { issuers: issuersBlock.parse(issuers) },
      ports: [
        [outboundPort, client],
        ...(epoch ? [[changeEpochPort, epoch] as const] : []),
        ...(revocations ? [[revocationLookupPort, revocations] as const] : []),
      ],
    },
  )
  const send = (headers: TestRequest['headers'], more: TestRequest = {}): Promise<TestResult> =>
    runTestExchange({ ...more, pipeline, headers: headers ?? {} })
  return {
    pipeline,
    send,
    sendToken: (token: string) => send({ authorization: `Bearer ${token}` }),
    async close() {
      pipeline.dispose()
      if (outbound === undefined) await client.close()
    },
  }
}

/** What the block says of an issuer on loopback. */
export function toIssuerOptions(issuer: TestIssuer, more: Record<string, unknown> = {}) {
  const reason = 'the issuer of this test'
  return {
    issuer: issuer.url,
    audience: 'shop',
    jwksUrl: issuer.jwksUrl,
    allowPrivateAddress: { reason },
    allowPlainHttp: { reason },
    ...more,
  }
}
