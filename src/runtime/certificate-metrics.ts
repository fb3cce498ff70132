import { X509Certificate } from 'node:crypto'
import type { CertificatePair } from '../gateway/tls.ts'
import type { MetricJson } from '../observe/metrics.ts'

/** How long every certificate that is shown still holds. */
export class CertificateMetrics {
  #shown: readonly { readonly labels: Record<string, string>; readonly expiresAt: number }[] = []

  /** What is shown from now on; certificates that a reload took away vanish. */
  show(listeners: Readonly<Record<'https' | 'admin', readonly CertificatePair[]>>): void {
    this.#shown = Object.entries(listeners).flatMap(([listener, pairs]) =>
      pairs.map(({ cert, source }) => ({
        labels: { listener, certificate: source },
        expiresAt: new X509Certificate(cert).validToDate.getTime(),
      })),
    )
  }

  /** @param now epoch milliseconds */
  toJson(now: number): MetricJson[] {
    return [
      {
        name: 'portcullis_certificate_expires_in_seconds',
        help: 'Until the certificate that the listener shows ends; negative when it has ended',
        type: 'gauge',
        aggregator: 'min',
        values: this.#shown.map(({ labels, expiresAt }) => ({ labels, value: (expiresAt - now) / 1000 })),
      },
    ]
  }
}
