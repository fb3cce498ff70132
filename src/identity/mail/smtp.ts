import { createTransport } from 'nodemailer'
import { isLoopback } from '../loopback.ts'
import { type Deliver, MailRefusedError } from './mail.ts'

export interface SmtpOptions {
  readonly url: string
  readonly from: string
  /** How long a server may be silent. Default 15 s. */
  readonly silenceMs?: number
  /** How long one mail may take in all. Default a minute. */
  readonly limitMs?: number
}

/** @throws where the URL is none; the message does not repeat it, for the password in it */
export function createSmtpDelivery({ url, from, silenceMs = 15_000, limitMs = 60_000 }: SmtpOptions): Deliver {
  const parsed = URL.parse(url)
  if (parsed === null || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw new Error('identity.mail.smtp is no URL such as smtps://user:password@mail.example.com')
  const { hostname, port, username, password } = parsed
  const secure = parsed.protocol === 'smtps:'
  const local = isLoopback(hostname)
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    // What a mail holds opens an account: it must not pass by in the clear (RFC 8314 section 3).
    requireTLS: !secure && !local,
    ignoreTLS: !secure && local,
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2' },
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })

  return async (mail) => {
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`the mail server took longer than ${limitMs} ms`)), limitMs)
    try {
      await Promise.race([
        transport.sendMail({ ...mail, from, headers: { 'Auto-Submitted': 'auto-generated' } }),
        promise,
      ])
    } catch (error) {
      const { code, responseCode = 0 } = error as { code?: string; responseCode?: number }
      // About the envelope or the mail, not about who sends: asking again would change nothing.
      const final = responseCode >= 550 && responseCode <= 559 && (code === 'EENVELOPE' || code === 'EMESSAGE')
      throw final ? new MailRefusedError(`the mail server answered ${responseCode}`) : error
    } finally {
      clearTimeout(timer)
    }
  }
}
