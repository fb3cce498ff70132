import type { z } from 'zod'
import type { AnyPolicy } from '../core/policy.ts'
import type { KnownPolicy } from '../policies/index.ts'
import type { otherBlocks } from './schema/other-blocks.ts'
import type { ownBlocks } from './schema/policy-file.ts'
import type { createRouteSchema } from './schema/routes.ts'

/** The policy file as an object: the same keys and values as in YAML. */
export type PolicyFile = PolicyFileOf<KnownPolicy>

/** The policy file for a given set of policies. */
export type PolicyFileOf<P extends AnyPolicy> = BlocksInput<typeof ownBlocks> &
  BlocksInput<typeof otherBlocks> &
  PolicyBlocks<P> & {
    /** What every route starts from, and may only tighten. */
    readonly defaults?: LayerInput<P>
    /** What is let through, and how it is protected. */
    readonly routes?: readonly RouteInput<P>[]
  }

/** One route of the policy file. */
export type RouteInput<P extends AnyPolicy = KnownPolicy> = OwnRouteKeys & LayerInput<P>

/** What `defaults` and routes may hold: policies by their keys, and who may call. */
export type LayerInput<P extends AnyPolicy = KnownPolicy> = {
  readonly [One in Exclude<P, { kind: 'authorization' }> as KeyOf<One>]?: EntryInput<One>
} & {
  /** Which credentials are accepted; a request must carry exactly one. */
  readonly authenticate?: readonly KeyOf<Extract<P, { kind: 'credential' }>>[]
  readonly authorize?: AuthorizeInput<P> & ModeInput
  /** Options that are weaker than the inherited ones, each with its reason. */
  readonly loosen?: {
    readonly [One in Exclude<P, { kind: 'authorization' }> as KeyOf<One>]?: OptionsInput<One> & Reason
  } & {
    readonly authenticate?: { readonly names: readonly KeyOf<Extract<P, { kind: 'credential' }>>[] } & Reason
    readonly authorize?: AuthorizeInput<P> & Reason
  }
  /** Inherited policies that do not apply here. */
  readonly exempt?: readonly ({
    readonly policy: KeyOf<Extract<P, { kind: 'protection' }>> | 'authorize'
  } & Reason)[]
}

/**
 * Types a policy file that is written in TypeScript. Returns it as it is; `portcullis` and `createGuard` read it.
 *
 * @example
 * export default defineConfig({
 *   version: 1,
 *   listen: { https: { port: 8443, certificate: 'dev' } },
 *   upstreams: { shop: { targets: ['http://127.0.0.1:3000'] } },
 *   routes: [{ path: '/orders/{id}', upstream: 'shop', authenticate: ['apiKey'] }],
 * })
 */
export function defineConfig(file: PolicyFile): PolicyFile {
  return file
}

type BlocksInput<Blocks extends Record<string, z.ZodType>> = {
  readonly [Key in keyof Blocks as undefined extends z.input<Blocks[Key]> ? never : Key]: z.input<Blocks[Key]>
} & {
  readonly [Key in keyof Blocks as undefined extends z.input<Blocks[Key]> ? Key : never]?: z.input<Blocks[Key]>
}

type PolicyBlocks<P extends AnyPolicy> = Partial<
  UnionToIntersection<P extends { blocks: infer B } ? InputsOf<B> : never>
>

/** Without the index signature that the policy contract adds. */
type InputsOf<Blocks> = {
  readonly [Key in keyof Blocks as string extends Key ? never : Key]: Blocks[Key] extends z.ZodType
    ? z.input<Blocks[Key]>
    : never
}

type OwnRouteKeys = Pick<
  z.input<ReturnType<typeof createRouteSchema>>,
  | 'path'
  | 'paths'
  | 'openapi'
  | 'basePath'
  | 'securitySchemes'
  | 'methods'
  | 'hosts'
  | 'upstream'
  | 'stripPrefix'
  | 'preserveHost'
  | 'access'
  | 'reason'
  | 'allow'
>

type ModeInput = { readonly mode?: 'enforce' | 'observe'; readonly reason?: string }
type Reason = { readonly reason: string }

type OptionsInput<P extends AnyPolicy> = z.input<P['options']>
type ShorthandInput<P> = P extends { shorthand: infer S extends z.ZodType } ? z.input<S> : never

type EntryInput<P extends AnyPolicy> = P extends { kind: 'credential' }
  ? OptionsInput<P>
  : ShorthandInput<P> | (OptionsInput<P> & WordsInput<P>) | readonly (OptionsInput<P> & WordsInput<P>)[]

type WordsInput<P extends AnyPolicy> = P extends { weakens: true } ? Reason : ModeInput

type AuthorizeInput<P extends AnyPolicy> = Partial<
  UnionToIntersection<P extends { kind: 'authorization' } ? OptionsInput<P> : never>
>

type KeyOf<P extends AnyPolicy> = P extends { name: infer Name extends string } ? CamelCase<Name> : never

type CamelCase<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? I
  : never
