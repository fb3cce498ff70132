import { z } from 'zod'
import { secretReference } from '../../core/option-types.ts'
import { parseAddress } from './address.ts'

/** How mails reach people. */
export const mailOptions = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('For development: each mail becomes a file there, and the log says which. Nothing is sent.'),
    smtp: secretReference()
      .optional()
      .describe(
        'The mail server: `smtps://user:password@mail.example.com`, or `smtp://` with port 587 and STARTTLS, which is required ' +
          'unless the server is on this machine.',
      ),
    from: z
      .string()
      .refine((text) => parseAddress(text) !== null, { error: 'not an address such as accounts@shop.example.com' })
      .optional()
      .describe('The address that mails come from.'),
  })
  .superRefine(({ folder, smtp, from }, context) => {
    const add = (message: string) => context.addIssue({ code: 'custom', message })
    if ((folder === undefined) === (smtp === undefined)) add('name either `folder` or `smtp`')
    else if (smtp !== undefined && from === undefined) add('needs `from`: the address that mails come from')
  })

export type MailOptions = z.output<typeof mailOptions>
