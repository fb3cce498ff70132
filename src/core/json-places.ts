/** Of names, as far as they are told; a caller chooses how long they are. */
const longestTold = 200
/** Instead of where a name begins. */
const [none, kept] = [-1, -2]

/** The objects and arrays that are open, and where in each of them the document is: what a pointer is made of. */
export class JsonPlaces {
  depth = 0
  /** Of the innermost: whether it is an object, its elements so far, and where its names begin in `JsonNames`. */
  inObject = false
  count = 0
  base = 0
  readonly #isObject: boolean[] = [false]
  readonly #counts: number[] = [0]
  readonly #bases: number[] = [0]
  /** Where the current member's name stands in the current chunk. */
  readonly #starts: number[] = [none]
  readonly #ends: number[] = [0]
  readonly #names: string[] = ['']
  /** What came in earlier chunks of a name that is not at its end. */
  #begun = ''

  open(isObject: boolean, base: number): void {
    this.#counts[this.depth] = this.count
    const depth = ++this.depth
    this.#isObject[depth] = isObject
    this.#bases[depth] = base
    this.#starts[depth] = none
    this.inObject = isObject
    this.count = 0
    this.base = base
  }

  close(): void {
    const depth = --this.depth
    this.inObject = this.#isObject[depth] as boolean
    this.count = this.#counts[depth] as number
    this.base = this.#bases[depth] as number
  }

  restart(): void {
    this.depth = 0
    this.inObject = false
  }

  /** Another member is about to come. */
  leaveMember(): void {
    this.#starts[this.depth] = none
  }

  /** The name of the current member stands from `start` (before 0 in an earlier chunk) to `end`. */
  enterMember(bytes: Uint8Array, start: number, end: number): void {
    this.#starts[this.depth] = start
    this.#ends[this.depth] = end
    if (start >= 0) return
    this.#keepName(this.depth, (this.#begun + toLatin1(bytes, 0, end)).slice(0, longestTold))
    this.#begun = ''
  }

  /** Keeps what a pointer may still need of a chunk before it goes. */
  keep(bytes: Uint8Array, begun: number | null): void {
    for (let depth = 1; depth <= this.depth; depth++) {
      const start = this.#starts[depth] as number
      if (this.#isObject[depth] && start >= 0) {
        this.#keepName(depth, toLatin1(bytes, start, this.#ends[depth] as number))
      }
    }
    if (begun === null) this.#begun = ''
    else if (this.#begun.length < longestTold) this.#begun += toLatin1(bytes, Math.max(0, begun), bytes.length)
  }

  /** The pointer (RFC 6901) to the current place. */
  toPointer(bytes: Uint8Array): string {
    this.keep(bytes, null)
    this.#counts[this.depth] = this.count
    let pointer = ''
    for (let depth = 1; depth <= this.depth; depth++) {
      if (!this.#isObject[depth]) {
        const count = this.#counts[depth] as number
        if (count > 0) pointer += `/${count - 1}`
      } else if (this.#starts[depth] === kept) pointer += `/${toToken(this.#names[depth] as string)}`
    }
    return pointer
  }

  #keepName(depth: number, latin1: string): void {
    this.#names[depth] = latin1
    this.#starts[depth] = kept
  }
}

function toLatin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, Math.min(end, start + longestTold)))
}

/** A name as it is written, with its escapes undone where they are whole. */
function toToken(latin1: string): string {
  const written = new TextDecoder().decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0)))
  return undoEscapes(written).replaceAll('~', '~0').replaceAll('/', '~1')
}

function undoEscapes(written: string): string {
  try {
    return JSON.parse(`"${written}"`)
  } catch {
    return written
  }
}
