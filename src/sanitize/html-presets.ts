import type { IOptions } from 'sanitize-html'
import type { HtmlPreset } from './html.ts'

/** Deeper nesting is left out: browsers flatten it, each in its own way. */
const nestingLimit = 32

const line = ['b', 'strong', 'i', 'em', 's', 'u', 'code', 'sub', 'sup', 'br']
const comment = [...line, 'p', 'a', 'ul', 'ol', 'li', 'blockquote', 'pre', 'q', 'hr', 'del', 'ins']
const article = [
  ...[...comment, 'h2', 'h3', 'h4', 'h5', 'h6', 'dl', 'dt', 'dd', 'figure', 'figcaption', 'img', 'abbr', 'cite', 'kbd'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'small', 'mark', 'time'],
]

const strict: IOptions = {
  allowedAttributes: {},
  allowedClasses: {},
  allowedStyles: {},
  parseStyleAttributes: false,
  allowedSchemes: ['https', 'http', 'mailto'],
  allowedSchemesAppliedToAttributes: ['href', 'src', 'cite'],
  allowProtocolRelative: false,
  allowIframeRelativeUrls: false,
  allowVulnerableTags: false,
  disallowedTagsMode: 'discard',
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'noscript',
    'template',
    'title',
    'xmp',
    'iframe',
    'noembed',
    'noframes',
    'plaintext',
    'math',
    'svg',
  ],
  nestingLimit,
}

const links = {
  allowedAttributes: { a: ['href', 'rel'] },
  transformTags: {
    a: (tagName: string, { href }: Record<string, string>) => ({
      tagName,
      attribs: { ...(href !== undefined && { href }), rel: 'nofollow noopener ugc' },
    }),
  },
} satisfies IOptions

export const presets = {
  line: { ...strict, allowedTags: line },
  comment: { ...strict, ...links, allowedTags: comment },
  article: {
    ...strict,
    ...links,
    allowedTags: article,
    allowedAttributes: {
      ...links.allowedAttributes,
      img: ['src', 'alt', 'width', 'height'],
      th: ['colspan', 'rowspan', 'scope'],
      td: ['colspan', 'rowspan'],
      abbr: ['title'],
      time: ['datetime'],
      ol: ['start'],
    },
    allowedSchemesByTag: { img: ['https'] },
  },
} as const satisfies Record<HtmlPreset, IOptions>
