/** A bare item of a structured field (RFC 9651 section 3.3). A token is told from a string by its own type. */
export type BareItem = string | number | boolean | Uint8Array | Token

export interface Token {
  readonly token: string
}

export type Parameters = ReadonlyMap<string, BareItem>

export interface Item {
  readonly value: BareItem
  readonly parameters: Parameters
}

export interface InnerList {
  readonly items: readonly Item[]
  readonly parameters: Parameters
}

export type Member = Item | InnerList

/** What is no structured field, or one that two readers could take for two things. */
class FieldError extends Error {}

const maxMembers = 64
const keyPattern = /[a-z*][a-z0-9_.*-]*/y
const numberPattern = /-?\d{1,15}(?![\d.])/y
const decimalPattern = /-?\d{1,12}\.\d{1,3}(?![\d.])/y
const stringPattern = /"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/y
const tokenPattern = /[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/y
const bytesPattern = /:([A-Za-z0-9+/]*={0,2}):/y
const booleanPattern = /\?([01])/y
const blanksPattern = /[ \t]*/y
const spacesPattern = / */y

/**
 * Reads a dictionary; null where it is none. Stricter than RFC 9651, which lets the last of two members with one name
 * win: a name that stands twice, for a member or for a parameter, is refused. Dates and display strings are not known.
 */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | null {
  try {
    return new Reader(text).dictionary()
  } catch (error) {
    if (error instanceof FieldError) return null
    throw error
  }
}

export function isInnerList(member: Member | undefined): member is InnerList {
  return member !== undefined && 'items' in member
}

export function serializeInnerList({ items, parameters }: InnerList): string {
  return `(${items.map(serializeItem).join(' ')})${serializeParameters(parameters)}`
}

export function serializeItem({ value, parameters }: Item): string {
  return serializeBare(value) + serializeParameters(parameters)
}

function serializeParameters(parameters: Parameters): string {
  let text = ''
  for (const [name, value] of parameters) text += value === true ? `;${name}` : `;${name}=${serializeBare(value)}`
  return text
}

function serializeBare(value: BareItem): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? '?1' : '?0'
  return value instanceof Uint8Array ? `:${Buffer.from(value).toString('base64')}:` : value.token
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  dictionary(): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>()
    this.#take(spacesPattern)
    while (this.#at < this.#text.length) {
      const key = this.#need(keyPattern)
      if (members.has(key) || members.size >= maxMembers) throw new FieldError()
      members.set(key, this.#skip('=') ? this.#member() : { value: true, parameters: this.#parameters() })
      this.#take(blanksPattern)
      if (this.#at === this.#text.length) break
      this.#expect(',')
      this.#take(blanksPattern)
      // A comma has something behind it.
      if (this.#at === this.#text.length) throw new FieldError()
    }
    return members
  }

  #member(): Member {
    return this.#text[this.#at] === '(' ? this.#innerList() : this.#item()
  }

  #innerList(): InnerList {
    this.#expect('(')
    const items: Item[] = []
    for (;;) {
      this.#take(spacesPattern)
      if (this.#skip(')')) return { items, parameters: this.#parameters() }
      if (items.length >= maxMembers) throw new FieldError()
      items.push(this.#item())
      const next = this.#text[this.#at]
      if (next !== ' ' && next !== ')') throw new FieldError()
    }
  }

  #item(): Item {
    return { value: this.#bare(), parameters: this.#parameters() }
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>()
    while (this.#skip(';')) {
      this.#take(spacesPattern)
      const key = this.#need(keyPattern)
      if (parameters.has(key) || parameters.size >= maxMembers) throw new FieldError()
      parameters.set(key, this.#skip('=') ? this.#bare() : true)
    }
    return parameters
  }

  #bare(): BareItem {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#need(stringPattern).slice(1, -1).replace(/\\(.)/g, '$1')
      case ':':
        return this.#bytes()
      case '?':
        return this.#need(booleanPattern) === '?1'
    }
    const number = this.#take(numberPattern) ?? this.#take(decimalPattern)
    return number === null ? { token: this.#need(tokenPattern) } : Number(number)
  }

  #bytes(): Uint8Array {
    const text = this.#need(bytesPattern).slice(1, -1)
    const bytes = Buffer.from(text, 'base64')
    // Stray bits or a length that cannot be: another reader might refuse it, or read something else.
    if (bytes.toString('base64') !== text) throw new FieldError()
    return bytes
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return null
    this.#at += match[0].length
    return match[0]
  }

  #need(pattern: RegExp): string {
    const taken = this.#take(pattern)
    if (taken === null) throw new FieldError()
    return taken
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw new FieldError()
  }
}
