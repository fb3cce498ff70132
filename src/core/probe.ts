import type { FieldPairs } from './decision.ts'
import type { RouteInfo } from './exchange.ts'
import type { PublicCode } from './problems.ts'

/** What a policy may know of the deployment when it writes its probes. */
export interface ProbeTarget {
  readonly route: RouteInfo
  /** A concrete path that matches the route. */
  readonly path: string
  /** A method that the route allows. */
  readonly method: string
  /** True where the policy only observes: its attacks are expected to pass. */
  readonly observe: boolean
  /** True where the options stand under `defaults`. */
  readonly inDefaults?: boolean
  /** The address that the deployment sees the prober under; null or absent where that cannot be known. */
  readonly address?: string | null
  /** True where only plain HTTP is proven (behind a TLS balancer): what is sent over HTTPS only cannot be seen. */
  readonly plainOnly?: boolean
  /** The credential policy that the prober's caller is identified by; null or absent where that cannot be known. */
  readonly callerBy?: string | null
  /** What other policies of the route ask of every request; absent where that is nothing. */
  readonly others?: readonly ProbeSample[]
  /** As in `PolicyDeps`: what the policy's own blocks say. Absent where the file is not known. */
  readonly block?: <T>(key: string) => T
}

/** What the upstream, or the handler, is to have answered: as the deployment's key signs it, so up to 4 KiB. */
export interface ProbeAnswer {
  /** 200 to 599, without those that have no body. */
  readonly status: number
  /** Names in lower case; only fields that say how to read the body, or what made it. */
  readonly headers?: FieldPairs
  readonly body: string
}

/** One request of a probe. */
export interface ProbeRequest {
  readonly method: string
  readonly path: string
  /** Without `?`. */
  readonly query?: string
  readonly headers?: FieldPairs
  /** Bytes, or how many bytes of filler. */
  readonly body?: string | Uint8Array | { readonly fillerBytes: number }
  /**
   * `caller` carries a credential that satisfies the route, `stranger` one that holds but lacks what the
   * policy asks for (roles, scopes, a strong login), `none` carries none. Default `caller`.
   */
  readonly as?: 'caller' | 'stranger' | 'none'
  /** Without what a page of ours sends along with the caller's credential: as another page has it sent. */
  readonly bare?: true
  /** A certificate to show during the handshake, PEM, instead of the one that `caller` stands for. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string }
  /** For an endpoint that the policy brought: sent without the deployment's proof, so that the endpoint itself answers. */
  readonly toEndpoint?: boolean
  /** What comes back from behind, for policies that judge or change answers. Default: nothing, and 204 to the prober. */
  readonly answer?: ProbeAnswer
  /** Sent over plain HTTP instead of HTTPS. */
  readonly clear?: boolean
  /** Bytes written to the socket as they are, instead of a request made from the fields above. */
  readonly raw?: string
  /** How many times the request is sent, one after the other. Default 1. */
  readonly times?: number
}

/** What requests of a route must hold, so that probes of other policies get as far as the policy that they are about. */
export interface ProbeSample extends Pick<ProbeRequest, 'query' | 'headers' | 'body'> {
  readonly path: string
}

/** What must come back for the verdict `pass`. */
export interface ProbeExpectation {
  /** `passed`: the exchange reached `forward`. `refused`: it did not. */
  readonly outcome?: 'passed' | 'refused'
  readonly status?: readonly number[]
  readonly problem?: readonly PublicCode[]
  /** Fields of the answer: an exact value, a pattern, or null where the field must be absent. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>
  /** Texts that the body of the answer must hold, and must not. */
  readonly body?: { readonly includes?: readonly string[]; readonly excludes?: readonly string[] }
  /** Which answers are judged. Default `last`. */
  readonly judge?: 'last' | 'every' | 'any'
}

/** A request that a policy must refuse, or must let pass, kept beside the policy. */
export interface Probe {
  readonly name: string
  readonly kind: 'attack' | 'honest'
  /** The standard that asks for it, such as `v5.0.0-3.4.1` or `RFC 9112 section 6.1`. */
  readonly standard?: string
  readonly requests: readonly ProbeRequest[]
  readonly expect: ProbeExpectation
}

/** What came back to one request of a walk. */
export interface WalkAnswer {
  readonly status: number
  /** Of several fields of one name, each; by names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

/** Sends a request of a walk; null where no answer comes. */
export type SendOnWalk = (request: ProbeRequest) => Promise<WalkAnswer | null>

/** What came of a walk: `wrong` and `stopped` say in words what was wrong, and why it could not go on. */
export type WalkResult =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string }

/** Somebody whom `prove` made up, who can log in at the identity server of the policy file. */
export interface ProbePerson {
  /**
   * Logs in where an application has sent their browser, in a browser of their own for the server.
   * @returns the address that this leads back to
   * @throws a `WalkStopped` where the login does not go on
   */
  logIn(send: SendOnWalk, location: URL): Promise<URL>
}

/** What a policy may know of the deployment when it writes its walks. */
export interface WalkTarget extends Pick<ProbeTarget, 'plainOnly'> {
  readonly block: <T>(key: string) => T
  /** Null where the policy file has no identity server. */
  readonly person: ProbePerson | null
}

/** A probe of several requests of which each depends on what came back before: a login, and what is done with it. */
export interface ProbeWalk extends Pick<Probe, 'name' | 'kind' | 'standard'> {
  /** In words: what must be. */
  readonly expected: string
  walk(send: SendOnWalk): Promise<WalkResult>
}
