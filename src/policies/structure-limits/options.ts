import { z } from 'zod'
import { byteSize } from '../../core/option-types.ts'

const count = (most: number, usual: number) => z.int().min(0).max(most).default(usual)
const name = z.string().min(1).max(200)

const json = z.strictObject({
  maxDepth: z.int().min(1).max(64).default(32).describe('How deep objects and arrays may nest.'),
  maxMembers: count(1_000_000, 10_000).describe('The most members of all objects together.'),
  maxItems: count(10_000_000, 10_000).describe('The most elements of one array.'),
  maxStringBytes: byteSize({ max: '1GiB' })
    .prefault('256KiB')
    .describe('The longest string, as it is written. Default 256KiB.'),
  maxNameBytes: byteSize({ max: '64KiB' }).prefault('256B').describe("The longest member's name. Default 256B."),
  maxDigits: z.int().min(1).max(10_000).default(40).describe('The most digits of a number.'),
  maxNumber: z
    .number()
    .positive()
    .max(Number.MAX_VALUE)
    .default(Number.MAX_VALUE)
    .describe(
      'The largest magnitude of a number; `9007199254740991` keeps to integers that all programs hold exactly.',
    ),
  forbiddenNames: z
    .array(name)
    .max(100)
    .default(['__proto__', 'constructor', 'prototype'])
    .describe('Names that no member may have: JavaScript finds the prototype of all objects under them.'),
  allowControls: z
    .boolean()
    .default(false)
    .describe('Lets escaped control characters pass, NUL included. Tab, line feed and carriage return always do.'),
})

const pairs = (most: number, longest: string) => ({
  maxParameters: count(100_000, most).describe('The most parameters.'),
  maxNameLength: z.int().min(1).max(10_000).default(128).describe('The longest name, in characters.'),
  maxValueBytes: byteSize({ max: '64MiB' })
    .prefault(longest)
    .describe(`The longest value, decoded. Default ${longest}.`),
  allowRepeated: z
    .array(name)
    .max(1000)
    .default([])
    .describe('Names that may come more than once, as `id`, `id[]` or otherwise. All others are parameter pollution.'),
  allowControls: z.boolean().default(false).describe('Lets control characters pass in decoded names and values.'),
})

export const options = z.strictObject({
  types: z
    .array(
      z.string().regex(/^[a-z0-9!#$&^_.+-]{1,127}\/([a-z0-9!#$&^_.+-]{1,127}|\*)$/, {
        error: 'not a media type in lower case such as application/json or image/*',
      }),
    )
    .min(1)
    .max(100)
    .optional()
    .describe('Media types that bodies may have; `image/*` for a family. Default: any that can be read.'),
  json: json.prefault({}).describe('Bodies of JSON types.'),
  query: z.strictObject(pairs(100, '4KiB')).prefault({}).describe('The query.'),
  form: z
    .strictObject({
      ...pairs(500, '64KiB'),
      maxBytes: byteSize({ max: '16MiB' })
        .prefault('1MiB')
        .describe('The longest form, which is held until it was judged. Default 1MiB.'),
    })
    .prefault({})
    .describe('Bodies of `application/x-www-form-urlencoded`.'),
  multipart: z
    .strictObject({
      maxParts: z.int().min(1).max(1000).default(100).describe('The most parts.'),
      maxFiles: count(1000, 20).describe('The most parts with a file name.'),
      maxNameLength: z.int().min(1).max(1000).default(128).describe("The longest field's name, in characters."),
      maxFileNameLength: z.int().min(1).max(1000).default(255).describe('The longest file name, in characters.'),
      maxFieldBytes: byteSize({ max: '1GiB' })
        .prefault('64KiB')
        .describe('The longest part without a file name. Default 64KiB.'),
      maxFileBytes: byteSize({ max: '1024GiB' })
        .prefault('1GiB')
        .describe('The longest part with a file name; `bodyLimits` bounds the body. Default 1GiB.'),
      allowRepeated: z
        .array(name)
        .max(1000)
        .default([])
        .describe('Names of plain fields that may come more than once. Those of files may.'),
    })
    .prefault({})
    .describe('Bodies of `multipart/form-data`.'),
  xml: z
    .enum(['plain', 'refuse'])
    .default('plain')
    .describe('`plain` takes XML in UTF-8 without a document type, so without entities; `refuse` takes none.'),
})

export type StructureLimitsOptions = z.output<typeof options>
