import type { HttpListener, ServerOptions } from '../config/snapshot.ts'
import type { ClientResolver } from '../core/client.ts'
import type { Exchange, Outcome, RouteInfo } from '../core/exchange.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { EndpointHandler } from '../core/policy.ts'
import type { ProbeAnswer } from '../core/probe.ts'
import type { Routable, Router } from './router.ts'
import type { Upstream } from './upstream/dispatch.ts'

/** A snapshot made ready to serve: what one worker runs on. Swapped whole. */
export interface CompiledSnapshot {
  readonly revision: string
  readonly server: ServerOptions
  readonly client: ClientResolver
  readonly router: Router<CompiledRoute>
  readonly fallback: CompiledRoute
  /** Methods that routes name beyond the usual ones. */
  readonly methods: ReadonlySet<string>
  /** How plain HTTP is served; null where no such listener is open. */
  readonly plainHttp: HttpListener | null
  /** The port that redirects point to; null without an HTTPS listener. */
  readonly httpsPort: () => number | null
  readonly record: (exchange: Exchange, outcome: Outcome) => void
  /** Verifies a prober's field; what holds makes `forward` answer instead. Null where it does not. */
  readonly readProof: (field: string, exchange: Exchange) => Proof | null
  /** Called when a credential came over plain HTTP: it has to be taken for known. */
  readonly onExposed: (exchange: Exchange, fieldName: string) => void
  /** Exchanges keep their snapshot alive: what it holds is released after the last one ended. */
  enter(): void
  leave(): void
}

/** What a prober asks of `forward`. */
export interface Proof {
  /** What comes in the place of the upstream's answer; null: 204, and nobody is told more. */
  readonly answer: Required<ProbeAnswer> | null
}

export interface CompiledRoute extends Routable {
  readonly info: RouteInfo
  readonly pipeline: Pipeline
  readonly forward: CompiledForward
  readonly passUpstreamErrors: boolean
}

export type CompiledForward =
  | {
      readonly kind: 'upstream'
      readonly upstream: Upstream
      readonly stripPrefix: string | null
      readonly preserveHost: boolean
    }
  | { readonly kind: 'endpoint'; readonly handle: EndpointHandler }
  | { readonly kind: 'handler' }
  | { readonly kind: 'none' }
