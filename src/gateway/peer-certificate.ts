import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../core/client-certificate.ts'
import type { ClientCertificates } from './tls.ts'

const held = Symbol('peer certificate')
/** The most of what a client sends along that is looked at. */
const maxChain = 8

interface Holder {
  [held]?: PeerCertificate
}

/** Leaves it with the socket, where the server of either protocol finds it. */
export function holdPeerCertificate(socket: TLSSocket, certificate: PeerCertificate): void {
  ;(socket as Holder)[held] = certificate
}

/** Null where the connection was not asked for a certificate. */
export function peerCertificateOf(socket: Socket): PeerCertificate | null {
  return (socket as Holder)[held] ?? null
}

/**
 * The certificate of a connection. It is read when somebody asks for it, and judged again when the authorities have
 * changed or something in its path has come to its end: connections live for days.
 */
export class PeerCertificate {
  readonly #socket: TLSSocket
  readonly #current: () => ClientCertificates | null
  /** Undefined until somebody asked; kept, as a socket that is being closed does not tell it any more. */
  #shown: { readonly raw: Buffer; readonly thumbprint: string; readonly chain: readonly Buffer[] } | null | undefined
  #judged: ClientCertificate | null = null
  #by: ClientCertificates | null = null
  #until = 0

  constructor(socket: TLSSocket, current: () => ClientCertificates | null) {
    this.#socket = socket
    this.#current = current
  }

  read(now = Date.now()): ClientCertificate | null {
    this.#shown ??= readShown(this.#socket)
    if (this.#shown === null) return null
    const authorities = this.#current()
    if (this.#judged === null || authorities !== this.#by || now >= this.#until) {
      this.#by = authorities
      this.#judged = this.#judge(this.#shown, authorities, now)
    }
    return this.#judged
  }

  #judge(
    { raw, thumbprint, chain }: { raw: Buffer; thumbprint: string; chain: readonly Buffer[] },
    authorities: ClientCertificates | null,
    now: number,
  ): ClientCertificate {
    const shown = { raw, thumbprint, chain }
    const { authorized, authorizationError } = this.#socket
    // A verdict of the handshake that was no is not asked for again.
    this.#until = Number.POSITIVE_INFINITY
    if (!authorized) return { ...shown, trusted: false, problem: `the handshake: ${String(authorizationError)}` }
    if (authorities === null) return { ...shown, trusted: false, problem: 'no authority is trusted any more' }
    const { problem, until } = authorities.judge(raw, chain, now)
    this.#until = until
    return problem === null ? { ...shown, trusted: true } : { ...shown, trusted: false, problem }
  }
}

function readShown(socket: TLSSocket) {
  const raw = socket.getPeerX509Certificate()?.raw
  if (raw === undefined) return null
  const chain: Buffer[] = []
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (at?.issuerCertificate && at.issuerCertificate !== at && chain.length < maxChain) {
    at = at.issuerCertificate
    chain.push(at.raw)
  }
  return { raw, thumbprint: createHash('sha256').update(raw).digest('base64url'), chain }
}
