import { apiKeyPrefix } from '../../../crypto/api-key.ts'
import type { Find, Span } from './span.ts'

/** Keys that announce themselves, each as its issuer documents it. Lengths have a bound, so that no text is slow. */
const prefixed = [
  String.raw`${apiKeyPrefix}\w{16,128}`, // ours
  String.raw`A(?:KIA|SIA)[0-9A-Z]{16}\b`, // AWS
  String.raw`AIza[\w-]{35}`, // Google
  String.raw`ya29\.[\w-]{20,400}`, // Google, OAuth
  String.raw`gh[pousr]_\w{36,255}`, // GitHub
  String.raw`github_pat_\w{40,255}`,
  String.raw`gl(?:pat|dt|rt|ptt|oas|cbt|soat)-[\w-]{20,128}`, // GitLab
  String.raw`xox[abeprs]-[\w-]{10,250}|xapp-[\w-]{10,250}`, // Slack
  String.raw`[sr]k_(?:live|test)_\w{10,250}|whsec_[\w+/=]{16,250}`, // Stripe
  String.raw`sk-(?=[\w-]{0,64}\d)(?=[\w-]{0,64}[A-Z])[\w-]{20,250}`, // OpenAI, Anthropic
  String.raw`npm_\w{36}\b`,
  String.raw`pypi-Ag[\w-]{20,400}`,
  String.raw`dckr_pat_[\w-]{20,64}`, // Docker
  String.raw`SG\.[\w-]{16,32}\.[\w-]{16,64}`, // SendGrid
  'do[por]_v1_[0-9a-f]{64}', // DigitalOcean
  String.raw`hv[sbr]\.[\w-]{20,300}`, // Vault
  'hf_[A-Za-z]{30,64}', // Hugging Face
  'shp(?:at|ca|pa|ss)_[0-9a-f]{32}', // Shopify
  String.raw`sq0(?:atp|csp)-[\w-]{22,60}`, // Square
  String.raw`dapi[0-9a-f]{32}\b`, // Databricks
  String.raw`ATATT3[\w=-]{50,400}`, // Atlassian
  String.raw`lin_api_\w{32,64}`, // Linear
  'AGE-SECRET-KEY-1[0-9A-Z]{58}', // age
]

/** Whether it begins there is asked only where it is found: that is far cheaper than at every place. */
const secret = new RegExp(prefixed.join('|'), 'g')
const token = /eyJ[\w-]{8,900}\.(?:eyJ[\w-]*|[\w-]{16,})(?:\.[\w-]*)*/y
/** `//user:password@host`; a number behind the colon is a port. */
const login = /\/\/([^\s/?#"'<>@[:]{0,128}:(?!\d{0,5}(?:[/?#]|$))[^\s/"'<>@]{1,256})@/g

export const findSecrets: Find = (text, spans) => {
  const found: Span[] = []
  secret.lastIndex = 0
  for (let one = secret.exec(text); one !== null; one = secret.exec(text)) {
    if (isWithinWord(text, one.index)) secret.lastIndex = one.index + 1
    else found.push({ start: one.index, end: secret.lastIndex })
  }
  findTokens(text, found)
  login.lastIndex = 0
  for (let one = login.exec(text); one !== null; one = login.exec(text)) {
    found.push({ start: one.index + 2, end: login.lastIndex - 1 })
  }
  if (found.length > 0) spans.push(...found.sort((a, b) => a.start - b.start))
}

/** Only at the beginning of a run of its letters, so that each run is read once. */
function findTokens(text: string, found: Span[]): void {
  for (let at = text.indexOf('eyJ'); at !== -1; at = text.indexOf('eyJ', at)) {
    token.lastIndex = at
    if (
      isWithinWord(text, at) ||
      text[at - 1] === '.' ||
      !token.test(text) ||
      !/\d/.test(text.slice(at, token.lastIndex))
    ) {
      at += 3
      continue
    }
    found.push({ start: at, end: token.lastIndex })
    at = token.lastIndex
  }
}

function isWithinWord(text: string, at: number): boolean {
  const code = at === 0 ? 0 : text.charCodeAt(at - 1)
  return (
    (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) || code === 0x5f || code === 0x2d
  )
}

/** Where a token that goes on behind a cut ends; -1 where it goes on. */
export function endOfToken(text: string): number {
  return text.search(/[^\w.-]/)
}
