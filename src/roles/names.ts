import { z } from 'zod'
import { permissionPattern } from './permission.ts'

export const roleName = z.string().min(1).max(256)

// RFC 6749 section 3.3; it also keeps the challenge, which lists them, well-formed.
export const scopeName = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, { error: 'not a scope (RFC 6749 section 3.3)' })

export const permissionName = z
  .string()
  .regex(permissionPattern, { error: 'not a permission such as orders:read, orders:* or *:read' })
