import type { Report } from './finding.ts'
import { undoEscapes } from './undo-escapes.ts'

export interface MarkupAttribute {
  readonly tag: string
  /** In lower case. */
  readonly name: string
  readonly value: string
  /** Of a `meta` that loads another page. */
  readonly isRefresh: boolean
}

const addresses = new Set(
  'href src action formaction data xlink:href poster srcset background lowsrc dynsrc to from values by content code codebase'.split(
    ' ',
  ),
)
const embedding = new Set(['object', 'embed', 'applet'])

export function judgeAttribute({ tag, name, value, isRefresh }: MarkupAttribute, report: Report): void {
  if (name.startsWith('on') && name.length > 4 && isLetters(name)) {
    if (!isComponentHandler(value)) report('xss', 'xss-handler', 8)
  } else if (name === 'srcdoc') report('xss', 'xss-document', 7)
  else if (name === 'style') {
    const style = plain(value)
    if (style.includes('expression(') || style.includes('javascript:') || style.includes('-moz-binding')) {
      report('xss', 'xss-style', 8)
    }
  } else if (addresses.has(name)) {
    const address = plain(value)
    const url = isRefresh || name === 'values' ? afterMark(address) : address
    if (runs(url)) report('xss', 'xss-address', 9)
    else if (embedding.has(tag) && (name === 'data' || name === 'src' || name === 'code'))
      report('xss', 'xss-element', 6)
    else if (tag === 'use' && url.startsWith('data:')) report('xss', 'xss-address', 6)
    else if (tag === 'base' && name === 'href') report('xss', 'xss-element', 7)
    else if (isRefresh && name === 'content') report('xss', 'xss-element', 6)
    else if (tag === 'form' && url.startsWith('http')) report('xss', 'xss-element', 4)
  }
}

/** A value that is an address as a whole, and becomes one in a page. */
export function judgeAddress(text: string, report: Report): void {
  const start = text.search(/\S/)
  if (start === -1 || !'jvdx\u0001'.includes(text[start] as string)) return
  const head = plain(text.slice(start, start + 300))
  const colon = head.indexOf(':')
  if (colon === -1 || colon > 12 || !runs(head)) return
  const code = head.slice(colon + 1)
  if (head.startsWith('data:')) report('xss', 'xss-address', 7)
  else if (/^void\(0\)|^;?$/.test(code)) report('xss', 'xss-address', 2)
  else if (holdsCall(code, false) && !text.startsWith(' ', text.indexOf(':') + 1)) report('xss', 'xss-address', 8)
  else if (/^(?:\/\/|\/\*|%|eval|document|window|location|\[)/.test(code)) report('xss', 'xss-address', 7)
}

/** `[text](javascript:…)` of Markdown. */
export function judgeMarkdownAddress(text: string, report: Report): void {
  for (let at = text.indexOf(']('); at !== -1; at = text.indexOf('](', at + 2)) {
    const address = plain(text.slice(at + 2, at + 60)).replace(/^</, '')
    if (runs(address) && !/^javascript:(?:void\(0\)|;?\))/.test(address)) report('xss', 'xss-address', 8)
  }
}

function runs(address: string): boolean {
  return (
    address.startsWith('javascript:') ||
    address.startsWith('vbscript:') ||
    address.startsWith('livescript:') ||
    address.startsWith('data:text/html') ||
    address.startsWith('data:application/xhtml') ||
    address.startsWith('data:text/xml')
  )
}

/** The address behind `0;url=`, or in a list. */
function afterMark(text: string): string {
  const at = text.search(/javascript:|data:|vbscript:/)
  return at === -1 ? text : text.slice(at)
}

const namedEntities: readonly (readonly [string, string])[] = [
  ['&colon;', ':'],
  ['&lpar;', '('],
  ['&rpar;', ')'],
  ['&tab;', ''],
  ['&newline;', ''],
  ['&sol;', '/'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
]

/** An attribute's value without entities, blanks and control characters, as an address is read (WHATWG URL, 4.4). */
function plain(value: string): string {
  let text = value.length > 400 ? value.slice(0, 400) : value
  if (text.includes('&')) {
    for (const [entity, character] of namedEntities) text = text.replaceAll(entity, character)
    text = undoEscapes(text)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0020\u007f-\u00a0]/g, '').toLowerCase()
}

/**
 * `onClick={save}` and `onClick={() => save()}` of JSX: as HTML the value is a block that calls nothing, up to its first
 * blank or arrow.
 */
export function isComponentHandler(value: string): boolean {
  if (!value.startsWith('{')) return value === ''
  if (value.startsWith('{handle')) return true
  const arrow = value.indexOf('=>')
  const head = arrow === -1 ? value : value.slice(0, arrow)
  return !/[\w$\])]\s*[(`]/.test(head) && !value.includes(')(')
}

/** Whether text calls something: a name, directly followed by a bracket or a template. */
export function holdsCall(text: string, skipsTemplates: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x60 && skipsTemplates) {
      const end = text.indexOf('`', i + 1)
      if (end === -1) return false
      i = end
    } else if (i > 0 && (code === 0x28 || code === 0x60) && isCalled(text.charCodeAt(i - 1))) return true
  }
  return false
}

function isCalled(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x24 || code === 0x5f || code === 0x5d || code === 0x29
}

function isLetters(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code < 0x61 || code > 0x7a) return false
  }
  return true
}

const events = new Set(
  ['abort', 'afterprint', 'animationcancel', 'animationend', 'animationiteration', 'animationstart', 'auxclick']
    .concat(['beforecopy', 'beforecut', 'beforeinput', 'beforematch', 'beforepaste', 'beforeprint', 'beforetoggle'])
    .concat(['beforeunload', 'begin', 'blur', 'bounce', 'cancel', 'canplay', 'canplaythrough', 'change', 'click'])
    .concat(['close', 'contextmenu', 'copy', 'cuechange', 'cut', 'dblclick', 'drag', 'dragend', 'dragenter'])
    .concat([
      'dragleave',
      'dragover',
      'dragstart',
      'drop',
      'durationchange',
      'end',
      'ended',
      'error',
      'finish',
      'focus',
    ])
    .concat([
      'focusin',
      'focusout',
      'fullscreenchange',
      'hashchange',
      'input',
      'invalid',
      'keydown',
      'keypress',
      'keyup',
    ])
    .concat(['load', 'loadeddata', 'loadedmetadata', 'loadend', 'loadstart', 'message', 'mousedown', 'mouseenter'])
    .concat(['mouseleave', 'mousemove', 'mouseout', 'mouseover', 'mouseup', 'mousewheel', 'pagehide', 'pageshow'])
    .concat(['paste', 'pause', 'play', 'playing', 'pointercancel', 'pointerdown', 'pointerenter', 'pointerleave'])
    .concat(['pointermove', 'pointerout', 'pointerover', 'pointerrawupdate', 'pointerup', 'popstate', 'progress'])
    .concat(['ratechange', 'readystatechange', 'repeat', 'reset', 'resize', 'scroll', 'scrollend', 'search', 'seeked'])
    .concat(['seeking', 'select', 'selectionchange', 'selectstart', 'show', 'start', 'storage', 'submit', 'suspend'])
    .concat(['timeupdate', 'toggle', 'touchend', 'touchmove', 'touchstart', 'transitionend', 'transitionrun'])
    .concat(['transitionstart', 'unhandledrejection', 'unload', 'volumechange', 'waiting', 'wheel']),
)

/** Whether a name is that of an attribute which runs when something happens, and not `onsale` or `online`. */
export function isEventName(name: string): boolean {
  return name.startsWith('on') && events.has(name.slice(2))
}
