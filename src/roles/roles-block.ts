import { z } from 'zod'
import type { BlockProblem } from '../core/policy.ts'
import { didYouMean } from '../core/suggest.ts'
import { permissionName, roleName } from './names.ts'

const text = z.string().min(1).max(512)
const claimValue = z.union([z.string().max(512), z.number(), z.boolean()])

/** Whom a role is given to: everyone who meets all of its conditions. */
const assignment = z
  .strictObject({
    issuer: text.describe('Who vouches for the caller: a name under `issuers`, the claim `iss`, or `portcullis`.'),
    subject: text.optional().describe('The caller itself: the claim `sub`, or the owner of a key.'),
    key: text.optional().describe('One API key, by its id.'),
    client: text.optional().describe('The client that the token was given to: `client_id` or `azp`.'),
    group: text.optional().describe('A group in the attribute `groups`.'),
    tenant: text.optional().describe('The tenant of the caller.'),
    claims: z
      .record(z.string().min(1).max(256), claimValue)
      .optional()
      .describe('Attributes that must have these values, or be lists that hold them.'),
  })
  .refine(({ issuer, key }) => key === undefined || issuer === 'portcullis', {
    error: 'keys are of the issuer `portcullis`',
    path: ['issuer'],
  })

const role = z.strictObject({
  inherits: z.array(roleName).max(100).default([]).describe('Roles that whoever holds this one holds as well.'),
  permissions: z
    .array(permissionName)
    .max(1000)
    .default([])
    .describe('What it may: `resource:action`, where `*` stands for every resource or every action.'),
  description: z.string().max(1000).optional().describe('What it is for.'),
  assign: z
    .array(assignment)
    .max(1000)
    .default([])
    .describe('Whom it is given to, beside those whose credential names it. Each rule is enough by itself.'),
})

/** Roles by their names, of which none inherits itself. What they inherit may stand elsewhere. */
export const roleMap = z.record(roleName, role).superRefine((roles, context) => {
  for (const { name, i, parent } of listInherited(roles)) {
    const circle = Object.hasOwn(roles, parent) ? findCircle(roles, name, parent) : null
    if (circle === null) continue
    const message = `roles inherit in a circle: ${circle.join(' → ')}`
    context.addIssue({ code: 'custom', path: [name, 'inherits', i], message, params: { hint: null, part: 'value' } })
  }
})

export const rolesBlock = roleMap
  .superRefine((roles, context) => {
    for (const { path, message, hint } of findStrangers(roles, Object.keys(roles))) {
      context.addIssue({ code: 'custom', path: [...path], message, params: { hint, part: 'value' } })
    }
  })
  .describe('Roles, what they may and which of them hold others. Once it is there, `authorize` knows no other roles.')

export type RolesBlock = z.output<typeof roleMap>
export type RoleDefinition = RolesBlock[string]
export type AssignmentRule = RoleDefinition['assign'][number]

/** Names that roles inherit and that are not among those that they may. */
export function findStrangers(roles: RolesBlock, known: readonly string[]): BlockProblem[] {
  return listInherited(roles)
    .filter(({ parent }) => !known.includes(parent))
    .map(({ name, i, parent }) => ({
      path: [name, 'inherits', i],
      message: `there is no role "${parent}"`,
      hint: didYouMean(parent, known),
    }))
}

function listInherited(roles: Readonly<Record<string, { readonly inherits: readonly string[] }>>) {
  return Object.entries(roles).flatMap(([name, { inherits }]) => inherits.map((parent, i) => ({ name, i, parent })))
}

/** The way from a role through one of its parents back to itself; null where there is none. */
function findCircle(roles: RolesBlock, name: string, parent: string): string[] | null {
  const cameFrom = new Map<string, string>([[parent, name]])
  const open = [parent]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === name) return trace(cameFrom, name)
    for (const next of Object.hasOwn(roles, at) ? (roles[at] as RoleDefinition).inherits : []) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, at)
      open.push(next)
    }
  }
  return null
}

function trace(cameFrom: ReadonlyMap<string, string>, name: string): string[] {
  const way = [name]
  for (let at = cameFrom.get(name) as string; at !== name; at = cameFrom.get(at) as string) way.unshift(at)
  return [name, ...way]
}
