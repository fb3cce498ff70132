import { z } from 'zod'
import { contrast, parseColour, white } from './colours.ts'

const file = (what: string) =>
  z
    .string()
    .regex(/^file:.+$/, { error: 'a file is named as file:path' })
    .max(1000)
    .describe(what)

const colour = (what: string) =>
  z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, { error: 'a colour is written as #123f8c' })
    .describe(what)

/** What is asked of a button's colour on white, and of its letters (WCAG 2.2, 1.4.3). */
const minContrast = 4.5

/** How the pages that people see look. */
export const pagesOptions = z.strictObject({
  name: z.string().min(1).max(60).optional().describe('What the site calls itself. Default: the host of `issuer`.'),
  logo: file('A picture above the heading, SVG, PNG or WebP, of 16 KiB at most.').optional(),
  colours: z
    .strictObject({
      main: colour('Buttons and links. Contrast on white must be 4.5:1; for dark pages it is made lighter.')
        .refine((text) => contrast(parseColour(text), white) >= minContrast, {
          error: 'can hardly be read on white: its contrast is below 4.5:1 (WCAG 2.2, 1.4.3), so take a darker one',
        })
        .default('#123f8c'),
      background: colour('What is around the page, where it is light.').default('#f2f4f8'),
    })
    .prefault({})
    .describe('Colours.'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, { error: 'a language such as en or de' })
    .default('en')
    .describe('For browsers that ask for none that is there: `en`, `de`, or one of `messages`.'),
  messages: z
    .record(z.string().regex(/^[a-z]{2,3}$/, { error: 'a language such as fr' }), file('YAML or JSON.'))
    .default({})
    .describe('Other languages, or other words for `en` and `de`: files of keys and texts.'),
  template: file(
    'A page of your own around the forms: HTML with `{{title}}`, `{{content}}`, and, where you like, `{{style}}`, `{{logo}}`, ' +
      '`{{name}}` and `{{language}}`. Scripts do not run in it.',
  ).optional(),
})

export type PagesOptions = z.output<typeof pagesOptions>
