import { z } from 'zod'
import { permissionName, roleName, scopeName } from '../../roles/names.ts'
import { findOverlap } from './field-places.ts'

const pointer = z
  .string()
  .regex(/^(\/([^~/]|~[01]){1,128}){1,16}$/, { error: 'not a JSON pointer such as /card/number or /cards/*/number' })

const field = z
  .strictObject({
    at: z
      .array(pointer)
      .min(1)
      .max(8)
      .describe('Where it stands, in requests and answers alike: JSON pointers, `*` for any one name or place.'),
    blindIndex: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe('A member beside it that gets a keyed digest of a text, for finding equal values.'),
    hide: z
      .enum(['mask', 'last4', 'remove'])
      .default('mask')
      .describe(
        'What others see: `••••`, also the last four characters of a text of eight or more, or nothing at all.',
      ),
  })
  .superRefine(({ at, blindIndex }, context) => {
    if (blindIndex === undefined || at.every((one) => !/\/(\*|\d+)$/.test(one))) return
    context.addIssue({
      code: 'custom',
      message: 'has a `blindIndex`, so each of `at` must end with the name of a member',
    })
  })

const names = <T extends z.ZodType>(name: T) => z.array(name).min(1).max(100).optional()

export const options = z
  .strictObject({
    context: z
      .string()
      .min(1)
      .max(128)
      .describe(
        'What the fields belong to, such as `customers`. With the name of a field it is bound to each ciphertext.',
      ),
    fields: z
      .record(z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, { error: 'must be a name such as cardNumber' }), field)
      .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 50, { error: 'names 1 to 50 fields' })
      .describe('The fields, each under a name that is bound to its ciphertexts and must never change.'),
    reveal: z
      .strictObject({
        roles: names(roleName).describe('One of these roles.'),
        permissions: names(permissionName).describe('Each of these permissions.'),
        scopes: names(scopeName).describe('Each of these scopes.'),
      })
      .refine((given) => Object.values(given).some((one) => one !== undefined), {
        error: 'asks for nothing: give `roles`, `permissions` or `scopes`',
      })
      .optional()
      .describe('Who sees the fields in answers. Default: nobody.'),
    answers: z
      .boolean()
      .default(true)
      .describe('Decrypts or hides the fields in answers. `false` leaves the ciphertexts in them.'),
    otherTypes: z
      .enum(['refuse', 'pass'])
      .default('refuse')
      .describe('What happens to bodies that are not JSON: nothing in them is encrypted or hidden.'),
    maxFields: z.int().min(1).max(10_000).default(1000).describe('The most fields in one body.'),
  })
  .superRefine(({ fields }, context) => {
    const overlap = findOverlap(fields)
    if (overlap !== null) context.addIssue({ code: 'custom', path: ['fields'], message: overlap })
  })

export type EncryptFieldsOptions = z.output<typeof options>
