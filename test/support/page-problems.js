/* Runs in pages: `page-checks.ts` sends it there as text. */

const controls = 'a[href],button,input:not([type=hidden]),select,textarea'

const isSeen = (one) => one.checkVisibility()
const textOf = (one) => (one?.textContent ?? '').trim()
const listIds = (one, attribute) => (one.getAttribute(attribute) ?? '').split(' ').filter(Boolean)
const all = (selector) => [...document.querySelectorAll(selector)]

/** What can have the focus, and which of it has. */
export function readFocus() {
  const reachable = all(controls).filter(isSeen)
  const { activeElement } = document
  const { outlineStyle, outlineWidth } = getComputedStyle(activeElement ?? document.body)
  return {
    names: reachable.map((one) => `${one.localName} "${one.id || textOf(one)}"`),
    at: reachable.indexOf(activeElement),
    outline: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth),
  }
}

export function setFocus(at) {
  const one = all(controls).filter(isSeen)[at]
  if (one === undefined) document.activeElement?.blur()
  else one.focus()
}

export function findProblems(language) {
  const problems = []
  const must = (holds, problem) => {
    if (!holds) problems.push(problem)
  }
  checkFrame(must, language)
  checkReferences(must)
  for (const field of all('input:not([type=hidden]),select,textarea').filter(isSeen)) checkField(must, field)
  for (const alert of all('[role=alert]')) must(textOf(alert) !== '', 'an alert is empty')
  checkNames(must)
  for (const one of all('button,input:not([type=hidden]),select').filter(isSeen)) {
    const { width, height } = one.getBoundingClientRect()
    must(width >= 24 && height >= 24, `"${one.id || textOf(one)}" is smaller than a finger`)
  }
  checkContrast(must)
  return problems
}

function checkFrame(must, language) {
  const { lang } = document.documentElement
  must(lang === language, `its language is said to be "${lang}"`)
  must(document.title.trim() !== '', 'it has no title')
  const headings = all('h1,h2,h3,h4,h5,h6')
  must(all('h1').length === 1, `it has ${all('h1').length} headings of the first level`)
  must(
    headings.every((one) => textOf(one) !== ''),
    'a heading is empty',
  )
  const levels = headings.map(({ localName }) => Number(localName.slice(1)))
  must(
    levels.every((level, i) => level <= (levels[i - 1] ?? 0) + 1),
    `levels of headings are left out: ${levels.join(' ')}`,
  )
  must(all('main').length === 1, 'it has no main part, or several')
  const viewport = document.querySelector('meta[name=viewport]')?.content ?? ''
  must(/width=device-width/.test(viewport) && !/maximum-scale|user-scalable/.test(viewport), 'phones cannot scale it')
}

/** Ids are there once, and whatever is named by one is there. */
function checkReferences(must) {
  const ids = all('[id]').map(({ id }) => id)
  for (const id of ids) must(ids.indexOf(id) === ids.lastIndexOf(id), `two elements are "${id}"`)
  for (const attribute of ['for', 'aria-describedby', 'aria-labelledby', 'form'])
    for (const one of all(`[${attribute}]`))
      for (const id of listIds(one, attribute)) must(ids.includes(id), `there is no "${id}", which ${attribute} names`)
}

function checkField(must, field) {
  must(
    [...field.labels].some((label) => textOf(label) !== '') || Boolean(field.ariaLabel),
    `the field "${field.name}" has no label`,
  )
  must(field.type !== 'password' || field.autocomplete !== '', `what fills "${field.name}" is not said`)
  if (field.ariaInvalid !== 'true') return
  const told = listIds(field, 'aria-describedby').some((id) => document.getElementById(id)?.role === 'alert')
  must(told, `what is wrong with "${field.name}" is not said`)
}

/** Everything has a name, no two things have the same, and it is the one that is seen (WCAG 2.2, 2.5.3). */
function checkNames(must) {
  const known = new Map()
  for (const one of all('a,button').filter(isSeen)) {
    const described = listIds(one, 'aria-describedby').map((id) => textOf(document.getElementById(id)))
    const name = [one.ariaLabel ?? textOf(one), ...described].join(' ').trim()
    must(name !== '', `a ${one.localName} has no name`)
    const seen = textOf(one)
    must(name.toLowerCase().includes(seen.toLowerCase()), `"${seen}" is called "${name}"`)
    const does = one.href ?? [one.form?.action, one.name, ...new FormData(one.form ?? undefined)].join()
    must((known.get(name) ?? does) === does, `two things are called "${name}"`)
    known.set(name, does)
  }
  for (const one of all('img')) must(one.hasAttribute('alt'), 'a picture has no alternative text')
  for (const one of all('svg'))
    must((one.role === 'img' && Boolean(one.ariaLabel)) || one.ariaHidden === 'true', 'a drawing has no name')
}

/** Letters on what is behind them (WCAG 2.2, 1.4.3), and edges of fields (1.4.11). */
function checkContrast(must) {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement
    const text = textOf(texts.currentNode)
    if (text === '' || one.closest('script,style,svg') !== null || !isSeen(one)) continue
    const ratio = toContrast(getComputedStyle(one).color, toPaper(one))
    must(ratio >= 4.5, `"${text}" can hardly be read: its contrast is ${ratio.toFixed(1)}`)
  }
  for (const one of all('input:not([type=hidden]):not([type=checkbox]),select').filter(isSeen)) {
    const ratio = toContrast(getComputedStyle(one).borderTopColor, toPaper(one.parentElement))
    must(ratio >= 3, `the edge of "${one.id}" can hardly be seen: its contrast is ${ratio.toFixed(1)}`)
  }
}

function toContrast(ink, paper) {
  const [dark, light] = [toLuminance(lay(parse(ink), paper)), toLuminance(paper)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function toPaper(one) {
  if (one === null) return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1]
  const own = parse(getComputedStyle(one).backgroundColor)
  return own[3] === 1 ? own : lay(own, toPaper(one.parentElement))
}

/** Of a computed style: red, green, blue and how little shows through. */
function parse(text) {
  const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number)
  return [red, green, blue, alpha]
}

function lay([red, green, blue, alpha], under) {
  return [red, green, blue].map((part, i) => part * alpha + under[i] * (1 - alpha)).concat(1)
}

function toLuminance(colour) {
  const [red, green, blue] = colour.slice(0, 3).map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
