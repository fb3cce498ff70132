import type { ConfigError } from '../../config/config-error.ts'
import { auditAccounts, auditKeys } from '../../runtime/audited.ts'
import { auditRevocations } from '../../runtime/audited-revocations.ts'
import { auditRoles } from '../../runtime/audited-roles.ts'
import { StoreError } from '../../stores/ports/store-error.ts'
import type { Store } from '../../stores/store.ts'
import { type Output, printErrors, printFailure } from '../print-failure.ts'
import { readActor } from '../read-actor.ts'

/** What the commands reach for; a test brings its own. */
export interface KeySurroundings extends Output {
  /** Opens the store that a policy file names. */
  readonly open: (configPath: string) => Promise<Store>
  /** Standard input. */
  readonly input: () => AsyncIterable<Uint8Array>
  readonly now: () => number
  /** 0 fine, 1 it could not be done, 2 wrong use. */
  readonly exit: (code: 0 | 1 | 2) => void
}

/** The policy file cannot be read or has errors. */
export class PolicyFileError extends Error {
  readonly errors: readonly ConfigError[]

  constructor(errors: readonly ConfigError[]) {
    super('the policy file is wrong')
    this.errors = errors
  }
}

/** What a command ends with when it cannot do what it was asked: the message for the person who asked. */
export class KeyCommandError extends Error {}

/** The same where the command was used wrongly in a way that no single option shows. */
export class WrongUseError extends KeyCommandError {}

/** Runs a command on the store and closes it; says in one line what went wrong. */
export async function withStore(
  surroundings: KeySurroundings,
  { config, json }: { readonly config: string; readonly json?: true },
  run: (store: Store, actor: string) => Promise<void>,
): Promise<void> {
  const actor = readActor()
  let store: Store | null = null
  try {
    store = await surroundings.open(config)
    // What people do by hand is told in the audit trail, with whom the machine says they are.
    await run(
      {
        ...store,
        keys: auditKeys(store.db, actor),
        accounts: auditAccounts(store.db, actor),
        roles: auditRoles(store.db, actor),
        revocations: auditRevocations(store.db, actor),
      },
      actor,
    )
  } catch (error) {
    if (error instanceof PolicyFileError) printErrors(error.errors, json, surroundings)
    else if (error instanceof StoreError || error instanceof KeyCommandError) {
      printFailure(error.message, json, surroundings)
    } else throw error
    surroundings.exit(error instanceof PolicyFileError || error instanceof WrongUseError ? 2 : 1)
  } finally {
    await store?.close()
  }
}
