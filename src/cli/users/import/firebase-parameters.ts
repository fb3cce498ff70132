import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { WrongUseError } from '../../keys/key-session.ts'
import type { FirebaseParameters } from './dialects.ts'

const firebaseParameters = z.object({
  signerKey: z.string().min(1).max(200),
  saltSeparator: z.string().max(100),
  rounds: z.int().min(1).max(999),
  memCost: z.int().min(1).max(99),
})

/** As the console calls them. */
const shown: Readonly<Record<string, string>> = {
  base64_signer_key: 'signerKey',
  base64_salt_separator: 'saltSeparator',
  mem_cost: 'memCost',
}
const maxLength = 10_000

/** A project's hash parameters: what its console shows (`hash_config { … }`), or JSON. Throws a `WrongUseError`. */
export async function readFirebaseParameters(file: string): Promise<FirebaseParameters> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new WrongUseError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  const named = Object.entries(text.length > maxLength ? {} : (parse(text) ?? {}))
  const parsed = firebaseParameters.safeParse(
    Object.fromEntries(named.map(([name, value]) => [Object.hasOwn(shown, name) ? shown[name] : name, value])),
  )
  if (parsed.success) return parsed.data
  const wrong = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].join(', ')
  throw new WrongUseError(
    `${file} holds no ${wrong}: save what the console shows (Authentication, Users, the menu, "Password hash parameters").`,
  )
}

function parse(text: string): object | null {
  if (text.trim().startsWith('{')) {
    try {
      return JSON.parse(text) as object
    } catch {
      return null
    }
  }
  const lines = text.matchAll(/^[ \t]*(\w+):[ \t]*([^\s,]+),?[ \t]*$/gm)
  return Object.fromEntries(
    [...lines].map(([, name, value = '']) => [name, /^\d+$/.test(value) ? Number(value) : value]),
  )
}
