import { z } from 'zod'
import type { CounterSource, DataSource } from '../snapshot.ts'
import { guarded } from './delegate.ts'

const source = /^(sqlite:[^:\s].*|env:[A-Za-z_][A-Za-z0-9_]*|file:\S.*|postgres(ql)?:\/\/\S+)$/

const text = z
  .string()
  .regex(source, {
    error: 'must be given as sqlite:path, postgres://user@host/database, or env:NAME or file:path of such a URL',
  })
  .transform((value): DataSource => {
    if (value.startsWith('sqlite:')) return { kind: 'sqlite', path: value.slice('sqlite:'.length) }
    return { kind: 'postgres', url: value }
  })

/** Where keys, accounts and the audit trail are kept. */
export const dataBlock = guarded(text.meta({ pattern: source.source }), (value) => {
  if (typeof value !== 'string' || !/^postgres(ql)?:/.test(value)) return null
  const url = URL.parse(value)
  if (url === null || url.pathname.length < 2) {
    return { message: 'is no URL of a database', hint: 'Write postgres://user@host/database.' }
  }
  if (url.password === '' && !url.searchParams.has('password')) return null
  return {
    message: 'must not hold a password',
    hint: 'A secret is given by reference: put the whole URL into a variable or a file, and write env:DATABASE_URL or file:path.',
  }
})
  .prefault('sqlite:data/portcullis.db')
  .describe(
    'Where durable data is kept: `sqlite:` and a path from the folder of this file, or PostgreSQL: a URL without a password, or `env:NAME` or `file:path` of one with it. Generated keys and certificates are kept in the folder of the SQLite file, else in `data`.',
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
