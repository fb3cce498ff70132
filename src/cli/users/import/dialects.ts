import { fromAuth0 } from './dialects/auth0.ts'
import { fromDjango } from './dialects/django.ts'
import { fromFirebase } from './dialects/firebase.ts'
import { fromKeycloak } from './dialects/keycloak.ts'
import type { Values } from './entry.ts'
import type { ImportFormat } from './read-entries.ts'

/** Turns an entry of another program's export into our fields. Throws an `EntryError`. */
export type ToFields = (value: Values) => Values

export interface Dialect {
  readonly format: ImportFormat
  readonly toFields: ToFields
}

/** What a project's hashes need beside the file. */
export interface FirebaseParameters {
  readonly signerKey: string
  readonly saltSeparator: string
  readonly rounds: number
  readonly memCost: number
}

export const dialectNames = ['auth0', 'django', 'firebase', 'keycloak'] as const

export type DialectName = (typeof dialectNames)[number]

export function toDialect(name: DialectName, firebase: FirebaseParameters | null): Dialect {
  switch (name) {
    case 'auth0':
      return { format: 'jsonl', toFields: fromAuth0 }
    case 'django':
      return { format: 'json', toFields: fromDjango }
    case 'firebase':
      return { format: 'json', toFields: (value) => fromFirebase(value, firebase) }
    case 'keycloak':
      return { format: 'json', toFields: fromKeycloak }
  }
}
