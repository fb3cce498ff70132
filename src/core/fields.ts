/**
 * Header fields as one flat array `[name, value, name, value, …]` with names in lower case: the form that
 * Node and undici read and write without conversion. A field may occur several times.
 */
export class Fields {
  readonly flat: string[]

  constructor(flat: string[] = []) {
    this.flat = flat
  }

  /** The first value of a field, undefined when it is absent. `name` is in lower case. */
  get(name: string): string | undefined {
    const flat = this.flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]
    return undefined
  }

  /** Every value of a field, in order. */
  all(name: string): string[] {
    const values: string[] = []
    const flat = this.flat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) values.push(flat[i + 1] as string)
    return values
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  append(name: string, value: string): void {
    this.flat.push(name, value)
  }

  /** Leaves exactly one occurrence of the field, with this value. */
  set(name: string, value: string): void {
    const flat = this.flat
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue
      flat[i + 1] = value
      this.#deleteFrom(name, i + 2)
      return
    }
    flat.push(name, value)
  }

  /** Sets the field only where it is absent. */
  setDefault(name: string, value: string): void {
    if (this.get(name) === undefined) this.flat.push(name, value)
  }

  delete(name: string): void {
    this.#deleteFrom(name, 0)
  }

  /** Adds a member to a comma-separated list field such as `Vary`, once. */
  addToList(name: string, member: string): void {
    const present = this.all(name).join(', ')
    if (present === '') this.set(name, member)
    else if (!listIncludes(present, member)) this.set(name, `${present}, ${member}`)
  }

  #deleteFrom(name: string, start: number): void {
    const flat = this.flat
    let kept = start
    for (let i = start; i < flat.length; i += 2) {
      if (flat[i] === name) continue
      if (kept !== i) {
        flat[kept] = flat[i] as string
        flat[kept + 1] = flat[i + 1] as string
      }
      kept += 2
    }
    flat.length = kept
  }
}

function listIncludes(list: string, member: string): boolean {
  const wanted = member.toLowerCase()
  return list.split(',').some((entry) => {
    const name = entry.trim().toLowerCase()
    return name === wanted || name === '*'
  })
}
