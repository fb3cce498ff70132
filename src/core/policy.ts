import type { ZodType } from 'zod'
import type { Answer } from './answer.ts'
import type { Decision, FieldPairs, Identification, Next, Refusal, Reply } from './decision.ts'
import type { Exchange, Outcome, RouteInfo, Slot } from './exchange.ts'
import type { Judge } from './judge.ts'
import type { Provide } from './ports.ts'
import type { Probe, ProbeSample, ProbeTarget, ProbeWalk, WalkTarget } from './probe.ts'
import type { ProblemCodes } from './problems.ts'
import type { Meter, PolicyLog } from './telemetry.ts'

export type RequestHook = (exchange: Exchange) => Decision | Promise<Decision>
export type CredentialHook = (exchange: Exchange) => Identification | Promise<Identification>
/** Judges the bytes of a collected body, once, before the first policy that reads them. */
export type BodyHook = (exchange: Exchange, body: Uint8Array) => Decision | Promise<Decision>
/** Prepares what the upstream is sent; runs only when every policy let the exchange pass. */
export type ForwardHook = (exchange: Exchange) => Next | Refusal | Promise<Next | Refusal>
/** Changes the answer in place or replaces it by a refusal. Runs on every outcome. */
export type RespondHook = (exchange: Exchange, answer: Answer) => Next | Refusal | Promise<Next | Refusal>
/** Releases what the policy held. Runs exactly once, also where no other hook of the policy did. */
export type DoneHook = (exchange: Exchange, outcome: Outcome) => void
/** Answers a route that the policy brought with it (see `Policy.endpoints`). */
export type EndpointHandler = (exchange: Exchange) => Reply | Refusal | Promise<Reply | Refusal>

/** How much of a body a policy needs. */
export type BodyNeed = 'none' | 'stream' | 'buffer'

/** What `create` returns: the hooks that its options call for, keyed by stage. */
export interface Hooks {
  readonly guard?: RequestHook
  /** A credential policy identifies here; other policies (CSRF) decide after the principal is known. */
  readonly authenticate?: RequestHook
  readonly identify?: CredentialHook
  /**
   * Whether the credential that `identify` accepted would be accepted now: asked for what is still open (a WebSocket, an
   * event stream) after something was revoked or the configuration was read again. It takes nothing from the request and counts no replay. A policy without
   * it has nothing that can be revoked before its end.
   */
  readonly stillHolds?: (exchange: Exchange) => boolean | Promise<boolean>
  /** How often `stillHolds` is asked although nothing was revoked here, for credentials that end elsewhere. */
  readonly recheckMs?: number
  readonly limit?: RequestHook
  readonly authorize?: RequestHook
  /** Why `authorize` decides as it does about this exchange, line by line, for a person who asks beforehand. */
  readonly explain?: (exchange: Exchange) => readonly string[] | Promise<readonly string[]>
  readonly body?: BodyHook
  readonly validate?: RequestHook
  readonly forward?: ForwardHook
  readonly respond?: RespondHook
  readonly done?: DoneHook
  readonly endpoints?: Readonly<Record<string, EndpointHandler>>
  /** What a credential policy asks for on 401 (`WWW-Authenticate`, RFC 9110 section 11.6.1). */
  readonly challenge?: string
  /** `buffer`: the body is in `exchange.body.bytes` before this policy's first hook after `guard`. Default `none`. */
  readonly requestBody?: BodyNeed
  /** With `requestBody: 'buffer'`: whether the body of this exchange must be. Default: of each. */
  readonly needsBody?: (exchange: Exchange) => boolean
  /**
   * The policy's decisions in its request hooks collect the body themselves, where they need it: the carrier, not the
   * time limit of hooks, bounds how long a client may take.
   */
  readonly waitsForBody?: true
  /** JSON pointers to what no log may show of bodies on this route, whatever is recorded of them otherwise. */
  readonly hides?: readonly string[]
  /** Cuts out of a text what no log may show of bodies on this route, by its look. */
  readonly hidesText?: (text: string) => string
  /** `buffer`: the answer is collected before `respond` hooks run. Default `none`. */
  readonly responseBody?: BodyNeed
  /** With `responseBody: 'buffer'`: whether the answer with this head must be. Default: each. */
  readonly needsAnswer?: (exchange: Exchange, answer: Answer) => boolean
}

/** Where a policy's options on a route came from; what stands under `defaults` is the same on every route. */
export type PolicyOrigin = 'defaults' | 'route' | 'loosen' | 'built-in'

/** What a policy is given beside its options; nothing else is reached for. */
export interface PolicyDeps {
  readonly route: RouteInfo
  readonly origin: PolicyOrigin
  /** Refusals are passed over in observe mode anyway; a policy that also changes something leaves that alone then. */
  readonly mode: 'enforce' | 'observe'
  /** Epoch milliseconds. */
  readonly now: () => number
  /** The blocks of the policy file that this policy declared, parsed. */
  readonly block: <T>(key: string) => T
  /** Resolves a reference (`env:NAME`, `file:path`) to its value; throws with a clear message when it cannot. */
  readonly secret: (reference: string) => Promise<string>
  /** State that outlives a reload; made once per key and worker, disposed with the last snapshot that used it. */
  readonly shared: <T extends object>(key: string, make: () => T, dispose?: (value: T) => void) => T
  readonly slot: <T>() => Slot<T>
  readonly provide: Provide
  readonly log: PolicyLog
  readonly meter: Meter
}

/** What a policy may look at when it checks its options or warns of them. */
export interface CheckContext {
  readonly route: RouteInfo
  /** As in `PolicyDeps`. */
  readonly block: <T>(key: string) => T
}

/** What a policy found in files that its blocks name. */
export interface Gathered {
  /** The blocks, with what stands in the files. */
  readonly blocks: Readonly<Record<string, unknown>>
  /** Absolute paths: a change of one of them calls for a reload. */
  readonly files: readonly string[]
  readonly problems: readonly FileProblem[]
}

/** Something that is wrong in blocks of the policy file, and where: the first step is the block's key. */
export interface BlockProblem {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly hint: string | null
}

/** Something that is wrong in such a file. */
export interface FileProblem {
  readonly file: string
  /** Counts from 1; null for the file as a whole. */
  readonly line: number | null
  readonly column: number
  readonly message: string
  readonly hint: string | null
}

/** How such files are read. */
export interface FileReader {
  /** Absolute, from the folder of the policy file. */
  resolve(path: string): string
  /** The text, or in words why there is none. */
  read(path: string): Promise<{ readonly text: string } | { readonly problem: string }>
}

/** A switch that was chosen and that the operator should be reminded of. */
export interface PolicyWarning {
  /** One sentence: what can now happen. */
  readonly text: string
  /** The reason that the file gives; null where the switch asks for none. */
  readonly reason: string | null
}

/** A route that a policy brings: a report endpoint, a key set. It gets the pipeline of `defaults`. */
export interface Endpoint {
  readonly id: string
  readonly path: string
  readonly methods: readonly string[]
  /** Why it is public. */
  readonly reason: string
  /** What pages of other origins may read of the API (`cors`) does not hold for it: none of them has business there. */
  readonly sameOrigin?: true
}

/** How a route's own options stand to the inherited ones: replace them, apply beside them, or weaken. */
export type Composition = 'tighter' | 'both' | 'looser'

/** What a credential policy hands to the prober: what identifies a caller, for at most a minute where it is new. */
export interface MintedCredential {
  readonly headers: FieldPairs
  /** What a page of ours sends along with it; probes of what other pages send leave that out (`ProbeRequest.bare`). */
  readonly page?: FieldPairs
  /** As `principal.credential.id` will say; absent where nothing can be bound to it. */
  readonly id?: string
  /** Fields that hold for one request only, such as its signature: made when everything else of it is known. */
  readonly sign?: (request: RequestToSign) => FieldPairs
  readonly revoke: () => Promise<void>
}

/** A credential that was minted, as policies know it that look at who calls. */
export interface MintedBy {
  readonly policy: string
  readonly id: string | null
}

/** Why a credential could not be made, in words that say what is missing. */
export interface Unminted {
  readonly missing: string
}

/** A request as it is about to be sent. */
export interface RequestToSign {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** As the field `Host` has it, in lower case. */
  readonly host: string
  readonly path: string
  /** Without `?`. */
  readonly query: string
  readonly headers: FieldPairs
  readonly body: Uint8Array | null
}

export interface MintRequest {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** Whose caller it must be, because only that tenant has such roles. Absent: whosever. */
  readonly tenant?: string
  /** Asks for a caller that holds no role and no scope but those of this request, for what another policy asks for. */
  readonly stranger?: true
  /** How strongly it must have logged in just now (`acr`); null: however. Absent: it need not say. */
  readonly assurance?: string | null
  readonly lifetimeSeconds: number
  /** The private key (PEM or JWK) that whoever proves gave for an issuer or a `keyId`; null where none was given. */
  readonly key: (name: string) => string | null
}

/** What a caller must hold. */
export interface Demands {
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  /** As in `MintRequest`. */
  readonly tenant?: string
  /** As in `MintRequest`. */
  readonly assurance?: string | null
  /** It may also have to be somebody, or to have attributes: a caller that is given is better than one that is minted. */
  readonly more?: true
}

/** The contract of every protection. One folder each; `policies/index.ts` lists them. */
export interface Policy<Options = unknown> {
  /** In kebab-case: the folder, the documentation page and the metric label. */
  readonly name: string
  readonly summary: string
  /** `credential` policies are named in `authenticate`; `authorization` ones read keys of `authorize`. */
  readonly kind: 'protection' | 'credential' | 'authorization'
  /** What stands under the policy's key. Strict: unknown keys are errors. Every option has a description. */
  readonly options: ZodType<Options>
  /** Accepts a short form such as `strict`, turned into the input of `options`. */
  readonly shorthand?: ZodType<unknown>
  /** Its options may hold schemas of libraries (Standard Schema), as stand-ins; everywhere else they are refused. */
  readonly standardSchema?: true
  /** Applied to every route even where no file names it, with these options. */
  readonly always?: unknown
  /** Top-level blocks of the policy file that this policy reads. */
  readonly blocks?: Readonly<Record<string, ZodType>>
  /** What is wrong with its blocks taken together, where each by itself is right. */
  readonly checkBlocks?: (block: <T>(key: string) => T) => readonly BlockProblem[]
  /** What a change of each of these blocks means, for `diff`; of a block without one, a person is asked to judge. */
  // biome-ignore lint/suspicious/noExplicitAny: a block's schema gives what its judge takes
  readonly judges?: Readonly<Record<string, Judge<any>>>
  /** Reads and judges the files that this policy's blocks name, while the policy file is loaded. */
  readonly gather?: (block: <T>(key: string) => T, files: FileReader) => Promise<Gathered>
  readonly codes: ProblemCodes
  readonly compose: (inherited: Options, own: Options) => Composition
  /** It also lets something happen that is impossible without it (CORS), so that adding it counts as weakening. */
  readonly grants?: true
  /**
   * It refuses nothing and has a cost of its own (bodies in a log), so that having it is what weakens: a `reason` must
   * stand beside its options, `check` can show it, and there is no observe mode.
   */
  readonly weakens?: true
  /** What is wrong with these options on this route beside their schema, such as a name that no block declares. */
  readonly check?: (options: Options, context: CheckContext) => readonly string[]
  /** What is dangerous in these options though it is allowed: shown at start-up and by `check` (a notice `unsafe`). */
  readonly warnings?: (options: Options, context: CheckContext) => readonly PolicyWarning[]
  readonly create: (options: Options, deps: PolicyDeps) => Hooks | Promise<Hooks>
  readonly endpoints?: (options: Options) => readonly Endpoint[]
  /** References (`file:…`) that `create` reads and whose change calls for a reload. */
  readonly files?: (options: Options) => readonly string[]
  /** Whether a client at this address can pass at all; the prober says so instead of taking it for a fault. */
  readonly admits?: (options: Options, address: string) => boolean
  /** What a caller must hold to pass, or to see all of an answer, so that the prober can mint a credential that does. */
  readonly demands?: (options: Options, context: CheckContext) => Demands
  /** Credential policies only: makes a short-lived credential for `prove`; null where none of its kind can be made. */
  readonly mint?: (
    options: Options,
    request: MintRequest,
    deps: PolicyDeps,
  ) => Promise<MintedCredential | Unminted | null>
  /** Fields that a page of ours sends with such a credential because this policy asks for them. */
  readonly accompany?: (options: Options, credential: MintedBy, deps: PolicyDeps) => Promise<FieldPairs>
  /** What requests must hold to pass, where that can be made up: probes of other policies are completed by it. */
  readonly sample?: (options: Options, target: ProbeTarget) => ProbeSample | null
  /** Whether answers pass only in a form of its own, so that the made-up ones of other policies' probes would not. */
  readonly shapesAnswers?: (options: Options) => boolean
  readonly probes: (options: Options, target: ProbeTarget) => readonly Probe[]
  /** Probes of which each request depends on what came before; once for each set of options. */
  readonly walks?: (options: Options, target: WalkTarget) => readonly ProbeWalk[]
}

/** A policy whose options' type is not known here: what registries and pipelines hold. */
// biome-ignore lint/suspicious/noExplicitAny: options flow from a policy's schema into the same policy's functions
export type AnyPolicy = Policy<any>

/** Types a policy's parts against each other, and keeps its name and schema for the types of `defineConfig()`. */
export function definePolicy<Options, const Shape extends object = Policy<Options>>(
  policy: Shape & Policy<Options>,
): Shape & Policy<Options> {
  Object.freeze(policy)
  return policy
}

/** `rate-limit` → `rateLimit`: the key in the policy file. */
export function toConfigKey(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
