import { z } from 'zod'
import type { CounterSource, DataSource } from '../snapshot.ts'
import { guarded } from './delegate.ts'

const sqlite = z
  .string()
  .regex(/^sqlite:[^:\s].*$/, { error: 'must be given as sqlite:path' })
  .transform((text): DataSource => ({ kind: 'sqlite', path: text.slice('sqlite:'.length) }))

/** Where keys, accounts and the audit trail are kept. */
export const dataBlock = guarded(sqlite.meta({ pattern: '^sqlite:[^:\\s].*$' }), (value) => {
  if (typeof value !== 'string') return null
  if (/^(postgres(ql)?:|env:)/.test(value)) {
    return { message: 'PostgreSQL is not built yet', hint: 'Use sqlite:data/portcullis.db.' }
  }
  return null
})
  .prefault('sqlite:data/portcullis.db')
  .describe(
    'Where durable data is kept: `sqlite:` and a path from the folder of this file. Generated keys and certificates are kept in the same folder.',
  )

const memory = z
  .strictObject({
    maxKeys: z
      .int()
      .min(1024)
      .max(16_777_216)
      .default(262_144)
      .describe('How many keys (clients, principals) are counted at once; at most 64 bytes each.'),
  })
  .prefault({})
  .describe('In the memory that the worker threads of one machine share.')

/** Where limits count. */
export const counterBlock = guarded(z.union([z.literal('memory'), z.strictObject({ memory })]), (value) => {
  const written = typeof value === 'string' ? value : Object.keys(value ?? {})[0]
  if (written === undefined || !/^rediss?(:|$)/.test(written)) return null
  return { message: 'Redis is not built yet', hint: 'Use memory: its counters are exact on one machine.' }
})
  .transform((value): CounterSource => {
    const { maxKeys } = value === 'memory' ? memory.parse({}) : value.memory
    return { kind: 'memory', maxKeys }
  })
  .prefault('memory')
  .describe('Where limits count: `memory` (exact on one machine), or `{ memory: { maxKeys } }`.')
