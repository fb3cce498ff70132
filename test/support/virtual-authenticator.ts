import type { CDPSession, Page } from 'playwright-core'

/** A passkey as Chromium tells of it. */
export interface VirtualCredential {
  readonly credentialId: string
  readonly rpId?: string
  readonly userHandle?: string
  readonly signCount: number
}

/** An authenticator that Chromium takes for one of this device, with somebody who touches it at once. */
export interface VirtualAuthenticator {
  list(): Promise<readonly VirtualCredential[]>
  /** Whether the person shows who they are: a fingerprint, a PIN. */
  setVerified(verified: boolean): Promise<void>
  /** Whether anybody touches it. */
  setPresent(present: boolean): Promise<void>
  setCounter(credentialId: string, counter: number): Promise<void>
}

export async function addVirtualAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const list = async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials
  return {
    list,
    async setVerified(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async setPresent(enabled) {
      await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
    },
    async setCounter(credentialId, signCount) {
      const credential = (await list()).find((one) => one.credentialId === credentialId)
      await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId })
      await session.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: { ...credential, signCount } as never,
      })
    },
  }
}
