/** A route found by its path, with what its parameters stand for. */
export interface Match<R> {
  readonly kind: 'route'
  readonly route: R
  readonly params: Readonly<Record<string, string>>
}

/** An object without a prototype whose properties are quick to set, unlike those of `Object.create(null)`. */
const Params = function Params() {} as unknown as new () => Record<string, string>
Params.prototype = Object.freeze(Object.create(null))

const noParams: Readonly<Record<string, string>> = Object.freeze(new Params())
const restName = '**'

type Segment = { readonly kind: 'L' } | { readonly kind: 'P' | 'R'; readonly name: string }

/** Patterns that are fixed in the same segments: their fixed parts, joined, lead to them in one step. */
interface Shape<R> {
  /** One letter per segment: literal, parameter, rest. In the order of the alphabet the most specific comes first. */
  readonly letters: string
  /** Segments before the rest. */
  readonly length: number
  readonly hasRest: boolean
  /** The runs of fixed segments: from which to which, the last not included. */
  readonly runs: readonly (readonly [from: number, to: number])[]
  readonly parameters: readonly number[]
  /** Most patterns name their parameters alike: one list for all of them is a list that is at hand. */
  readonly names: Map<string, readonly string[]>
  readonly entries: Map<string, { readonly route: R; readonly names: readonly string[] }>
}

/**
 * Path patterns (`/orders/{id}`, `/files/{path*}`, `/files/**`) and what they stand for. A path is looked up once per
 * shape of pattern that it could have, so that the time does not grow with the number of patterns.
 */
export class PathTable<R> {
  /** By the number of a path's segments: the paths that are fixed throughout. */
  readonly #fixed: (Map<string, Match<R>> | undefined)[] = []
  /** By the same: the other shapes that fit, the most specific first. */
  readonly #fitting: (readonly Shape<R>[])[] = []
  /** Segments that any pattern looks at. */
  readonly #depth: number
  /** Where the segments of the path that is looked up begin; reused, as one is looked up at a time. */
  readonly #starts: Int32Array

  /** Where two patterns match the same paths the first one stands. */
  constructor(patterns: Iterable<readonly [pattern: string, route: R]>) {
    const shapes = new Map<string, Shape<R>>()
    for (const [pattern, route] of patterns) {
      const segments = readSegments(pattern)
      const letters = segments.map(({ kind }) => kind).join('')
      if (/^L*$/.test(letters)) {
        this.#fixed[letters.length] ??= new Map()
        const paths = this.#fixed[letters.length] as Map<string, Match<R>>
        if (!paths.has(pattern)) paths.set(pattern, { kind: 'route', route, params: noParams })
        continue
      }
      let shape = shapes.get(letters)
      if (shape === undefined) {
        shape = createShape(letters)
        shapes.set(letters, shape)
      }
      this.#add(shape, pattern, segments, route)
    }
    const all = [...shapes.values()].sort((a, b) => (a.letters < b.letters ? -1 : 1))
    this.#depth = Math.max(1, this.#fixed.length, ...all.map(({ length }) => length + 1))
    this.#starts = new Int32Array(this.#depth + 1)
    for (let count = 0; count <= this.#depth; count++) {
      this.#fitting.push(all.filter((shape) => (shape.hasRest ? shape.length < count : shape.length === count)))
    }
  }

  /** The most specific pattern that matches: segments are compared from the left, fixed before parameter before rest. */
  find(path: string): Match<R> | null {
    const count = this.#split(path)
    const fixed = this.#fixed[count]?.get(path)
    if (fixed !== undefined) return fixed
    const shapes = this.#fitting[count] as readonly Shape<R>[]
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i] as Shape<R>
      if (!this.#fills(shape)) continue
      const entry = shape.entries.get(this.#toKey(shape, path))
      if (entry === undefined) continue
      return { kind: 'route', route: entry.route, params: this.#readParams(shape, entry.names, path) }
    }
    return null
  }

  #add(shape: Shape<R>, pattern: string, segments: readonly Segment[], route: R): void {
    const parts = pattern.slice(1).split('/')
    const key = segments.map(({ kind }, i) => (kind === 'L' ? `/${parts[i]}` : '')).join('')
    const own = segments.flatMap((segment) => (segment.kind === 'L' ? [] : [segment.name]))
    const names = shape.names.get(own.join()) ?? own
    shape.names.set(own.join(), names)
    if (!shape.entries.has(key)) shape.entries.set(key, { route, names })
  }

  /** Notes where segments begin; returns their number, or `depth` where there are more. */
  #split(path: string): number {
    const starts = this.#starts
    const depth = this.#depth
    let count = 0
    let at = 0
    do {
      starts[count++] = at
      at = path.indexOf('/', at + 1)
    } while (at !== -1 && count < depth)
    starts[count] = at === -1 ? path.length : at
    return count
  }

  /** A parameter stands for one character at least: `/orders/` is the list to many upstreams, and no order. */
  #fills({ parameters }: Shape<R>): boolean {
    const starts = this.#starts
    for (let i = 0; i < parameters.length; i++) {
      const segment = parameters[i] as number
      if ((starts[segment + 1] as number) - (starts[segment] as number) === 1) return false
    }
    return true
  }

  #toKey({ runs }: Shape<R>, path: string): string {
    const starts = this.#starts
    let key = ''
    for (let i = 0; i < runs.length; i++) {
      const [from, to] = runs[i] as readonly [number, number]
      key += path.slice(starts[from], starts[to])
    }
    return key
  }

  #readParams(shape: Shape<R>, names: readonly string[], path: string): Record<string, string> {
    const { parameters, hasRest, length } = shape
    const starts = this.#starts
    const params = new Params()
    for (let i = 0; i < parameters.length; i++) {
      const segment = parameters[i] as number
      params[names[i] as string] = decode(path.slice((starts[segment] as number) + 1, starts[segment + 1]))
    }
    if (hasRest) params[names.at(-1) as string] = decode(path.slice((starts[length] as number) + 1))
    return params
  }
}

function readSegments(pattern: string): Segment[] {
  return pattern
    .slice(1)
    .split('/')
    .map((part): Segment => {
      if (part === '**') return { kind: 'R', name: restName }
      if (!part.startsWith('{')) return { kind: 'L' }
      return part.endsWith('*}') ? { kind: 'R', name: part.slice(1, -2) } : { kind: 'P', name: part.slice(1, -1) }
    })
}

function createShape<R>(letters: string): Shape<R> {
  const hasRest = letters.endsWith('R')
  const runs = [...letters.matchAll(/L+/g)].map(({ index, 0: run }) => [index, index + run.length] as const)
  const parameters = [...letters.matchAll(/P/g)].map(({ index }) => index)
  const length = letters.length - (hasRest ? 1 : 0)
  return { letters, length, hasRest, runs, parameters, names: new Map(), entries: new Map() }
}

function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
