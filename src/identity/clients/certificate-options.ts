import { z } from 'zod'
import { secretReference } from '../../core/option-types.ts'
import { attributeTypes } from '../../crypto/x509/names.ts'

const name = (what: string, example: string) =>
  z.string().regex(/^[\x21-\x7e]{1,1024}$/, { error: `must be ${what} such as ${example}` })

const rdn = z
  .record(z.string(), z.string().min(1).max(256))
  .refine((given) => Object.keys(given).length > 0, { error: 'an attribute is missing, such as `{ CN: reports }`' })
  .superRefine((given, context) => {
    for (const type of Object.keys(given)) {
      if (attributeTypes.includes(type) || /^\d+(\.\d+)+$/.test(type)) continue
      context.addIssue({ code: 'custom', message: `"${type}" is none of ${attributeTypes.join(', ')}` })
    }
  })

/** By which certificate a client proves who it is (RFC 8705 section 2). */
export const certificateOptions = z
  .strictObject({
    uri: name('a URI', 'spiffe://example.org/reports').optional().describe('A URI of its alternative names.'),
    dns: name('a DNS name', 'reports.example.com')
      .transform((text) => text.toLowerCase())
      .optional()
      .describe('A DNS name of its alternative names.'),
    email: name('an address', 'ops@example.com').optional().describe('An e-mail address of its alternative names.'),
    subject: z
      .array(rdn)
      .min(1)
      .max(32)
      .optional()
      .describe('The whole subject: every RDN in the order of the certificate, compared character for character.'),
    selfSigned: z
      .union([secretReference(), z.array(secretReference()).min(1).max(4)])
      .transform((given) => (typeof given === 'string' ? [given] : given))
      .optional()
      .describe('References to the certificates themselves, PEM: each of them opens, whoever signed it.'),
  })
  .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
    error: 'name exactly one of uri, dns, email, subject and selfSigned',
  })

export type CertificateOptions = z.output<typeof certificateOptions>
