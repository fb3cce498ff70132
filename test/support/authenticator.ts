import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** What an attacker's authenticator may do otherwise than an honest one. */
export interface Ceremony {
  readonly challenge: string
  readonly origin: string
  readonly rpId: string
  readonly flags?: number
  readonly counter?: number
  readonly type?: string
  readonly userHandle?: string | null
  /** What else the browser says. */
  readonly client?: Readonly<Record<string, unknown>>
}

const [present, verified, attested] = [0x01, 0x04, 0x40]

/** An authenticator and its browser, in software: it signs whatever it is told to, also what no browser would. */
export class Authenticator {
  readonly id = randomBytes(32).toString('base64url')
  readonly #key: KeyObject
  readonly #public: { readonly x: Buffer; readonly y: Buffer }
  #counter = 0

  constructor() {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = privateKey.export({ format: 'jwk' })
    this.#key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
    this.#public = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') }
  }

  /** The answer to `navigator.credentials.create`, as JSON. */
  make(ceremony: Ceremony, attestation = Buffer.from('a0', 'hex'), format = 'none'): string {
    const id = Buffer.from(this.id, 'base64url')
    const length = Buffer.from([0, id.length])
    const attestedData = Buffer.concat([Buffer.alloc(16), length, id, this.#toCose()])
    const authData = this.#toData({ flags: present | verified | attested, ...ceremony }, attestedData)
    const attestationObject = Buffer.concat([
      Buffer.from([0xa3]),
      ...[toText('fmt'), toText(format), toText('attStmt'), attestation, toText('authData')],
      Buffer.from([0x58, authData.length]),
      authData,
    ])
    const clientDataJSON = toClientData({ type: 'webauthn.create', ...ceremony }).toString('base64url')
    return this.#toJson({
      clientDataJSON,
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    })
  }

  /** The answer to `navigator.credentials.get`, as JSON. */
  use(ceremony: Ceremony): string {
    this.#counter = ceremony.counter ?? this.#counter + 1
    const data = this.#toData({ flags: present | verified, ...ceremony, counter: this.#counter })
    const clientData = toClientData({ type: 'webauthn.get', ...ceremony })
    const signed = Buffer.concat([data, createHash('sha256').update(clientData).digest()])
    return this.#toJson({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#key).toString('base64url'),
      userHandle: ceremony.userHandle ?? null,
    })
  }

  #toJson(response: object): string {
    return JSON.stringify({
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      authenticatorAttachment: 'platform',
      response,
    })
  }

  #toData({ rpId, flags = 0, counter = 0 }: Ceremony, more = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(5)
    head.writeUInt8(flags, 0)
    head.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), head, more])
  }

  #toCose(): Buffer {
    const { x, y } = this.#public
    const [head, first, second] = ['a5010203262001', '215820', '225820'].map((hex) => Buffer.from(hex, 'hex'))
    return Buffer.concat([head as Buffer, first as Buffer, x, second as Buffer, y])
  }
}

function toClientData({ type, challenge, origin, client = {} }: Ceremony): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...client }))
}

function toText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)])
}
