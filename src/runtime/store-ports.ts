import type { Kysely } from 'kysely'
import type { Port } from '../core/ports.ts'
import { createAccountLookup } from '../stores/account-lookup.ts'
import { createAccountStore } from '../stores/account-store.ts'
import { createArtefactLookup } from '../stores/artefact-lookup.ts'
import { createArtefactStore } from '../stores/artefact-store.ts'
import { createAttemptStore } from '../stores/attempt-store.ts'
import { createClientLookup } from '../stores/client-rows.ts'
import { createClientStore } from '../stores/client-store.ts'
import { createConnectionLookup } from '../stores/connection-rows.ts'
import { createEndedLoginStore } from '../stores/ended-login-store.ts'
import { createFactorLookup, createFactorStore } from '../stores/factor-store.ts'
import { createKeyLookup, type ReadRows } from '../stores/key-lookup.ts'
import { createKeyRingLookup } from '../stores/key-ring-lookup.ts'
import { createKeyStore } from '../stores/key-store.ts'
import { createPasskeyLookup } from '../stores/passkey-lookup.ts'
import { accountLookupPort, accountStorePort } from '../stores/ports/account-store.ts'
import { artefactLookupPort, artefactStorePort } from '../stores/ports/artefact-store.ts'
import { attemptStorePort } from '../stores/ports/attempt-store.ts'
import { auditStorePort } from '../stores/ports/audit-store.ts'
import { clientLookupPort, clientStorePort } from '../stores/ports/client-store.ts'
import { connectionLookupPort, connectionStorePort } from '../stores/ports/connection-store.ts'
import { endedLoginStorePort } from '../stores/ports/ended-login-store.ts'
import { factorChangesPort, factorLookupPort, factorStorePort } from '../stores/ports/factor-store.ts'
import { keyRingLookupPort, keyRingStorePort } from '../stores/ports/key-ring-store.ts'
import { keyLookupPort, keyStorePort } from '../stores/ports/key-store.ts'
import { passkeyLookupPort, passkeyStorePort } from '../stores/ports/passkey-store.ts'
import { peopleStorePort } from '../stores/ports/people-store.ts'
import { registrationStorePort } from '../stores/ports/registration-store.ts'
import { revocationLookupPort, revocationStorePort } from '../stores/ports/revocation-store.ts'
import { roleLookupPort, roleStorePort } from '../stores/ports/role-store.ts'
import { sessionLookupPort, sessionStorePort } from '../stores/ports/session-store.ts'
import { signingKeyLookupPort, signingKeyStorePort } from '../stores/ports/signing-key-store.ts'
import { createRevocationLookup } from '../stores/revocation-lookup.ts'
import { createRevocationStore } from '../stores/revocation-store.ts'
import { createRoleLookup } from '../stores/role-lookup.ts'
import { createRoleStore } from '../stores/role-store.ts'
import type { Tables } from '../stores/schema.ts'
import { createSessionLookup } from '../stores/session-lookup.ts'
import { createSessionStore } from '../stores/session-store.ts'
import { createSigningKeyLookup, createSigningKeyStore } from '../stores/signing-key-store.ts'
import { auditKeyRing, openAudit } from './audited.ts'
import { createConnectionStore } from './connection-store.ts'
import { createFactorChanges } from './factor-changes.ts'
import { createPasskeyStore } from './passkey-store.ts'
import { createPeopleStore } from './people-store.ts'
import { createRegistrationStore } from './registration-store.ts'
import type { CallStore } from './store-calls.ts'

/*
 * Every port that stands on the database, and how a thread gets it. A store that is added is one line of one of the
 * two lists.
 */

/**
 * Stores whose methods take and return plain data, and answer by promises. SQLite has one writer, so there the main
 * thread runs them for all threads; on PostgreSQL each thread runs them itself.
 */
const written = [
  writes(keyStorePort, createKeyStore),
  writes(accountStorePort, createAccountStore),
  writes(attemptStorePort, createAttemptStore),
  writes(roleStorePort, createRoleStore),
  writes(revocationStorePort, createRevocationStore),
  writes(auditStorePort, openAudit),
  writes(sessionStorePort, createSessionStore),
  writes(artefactStorePort, createArtefactStore),
  writes(endedLoginStorePort, createEndedLoginStore),
  writes(signingKeyStorePort, createSigningKeyStore),
  writes(clientStorePort, createClientStore),
  writes(peopleStorePort, createPeopleStore),
  writes(registrationStorePort, createRegistrationStore),
  writes(factorStorePort, createFactorStore),
  writes(factorChangesPort, createFactorChanges),
  writes(connectionStorePort, createConnectionStore),
  writes(passkeyStorePort, createPasskeyStore),
  // A first start makes the ring that the identity server seals with.
  writes(keyRingStorePort, (db) => auditKeyRing(db, 'portcullis')),
]

/** Look-ups that each thread does itself, on a connection of its own that can only read; without a promise on SQLite. */
const read = [
  reads(keyLookupPort, createKeyLookup),
  reads(accountLookupPort, createAccountLookup),
  reads(roleLookupPort, createRoleLookup),
  reads(revocationLookupPort, createRevocationLookup),
  reads(sessionLookupPort, createSessionLookup),
  reads(keyRingLookupPort, createKeyRingLookup),
  reads(artefactLookupPort, createArtefactLookup),
  reads(signingKeyLookupPort, createSigningKeyLookup),
  reads(clientLookupPort, createClientLookup),
  reads(factorLookupPort, createFactorLookup),
  reads(connectionLookupPort, createConnectionLookup),
  reads(passkeyLookupPort, createPasskeyLookup),
]

type Entry = readonly [Port<unknown>, unknown]

interface Readable {
  readonly db: Kysely<Tables>
  readonly read: ReadRows
}

function writes<T extends object>(port: Port<T>, create: (db: Kysely<Tables>) => T) {
  return { port, create }
}

function reads<T extends object>(port: Port<T>, create: (db: Kysely<Tables>, read: ReadRows) => T) {
  return { port, create }
}

/** The stores of the thread that may write, by the names of their ports. */
export function openWrittenStores(db: Kysely<Tables>): ReadonlyMap<string, object> {
  return new Map(written.map(({ port, create }) => [port.name, create(db)]))
}

/** The same for a thread that may write by itself. */
export function writePorts(db: Kysely<Tables>): Entry[] {
  return written.map(({ port, create }) => [port, create(db)])
}

/** The same ports for a thread that may not: each call goes to the one that may. */
export function callPorts(db: Kysely<Tables>, call: CallStore): Entry[] {
  // Made to know its methods; none of them runs here.
  return written.map(({ port, create }) => [port, toCalls(port.name, Object.keys(create(db)), call)])
}

export function readPorts(store: Readable): Entry[] {
  return read.map(({ port, create }) => [port, create(store.db, store.read)])
}

function toCalls(port: string, methods: readonly string[], call: CallStore): object {
  return Object.fromEntries(
    methods.map((method) => [method, (...args: readonly unknown[]) => call({ port, method, args })]),
  )
}
