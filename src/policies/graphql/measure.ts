import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import type { GraphqlOptions } from './options.ts'

/** What a selection asks for, its fragments multiplied out. */
export interface Measure {
  /** How deep fields nest. */
  depth: number
  /** Fields of the selection itself, not those below them. */
  rootFields: number
  aliases: number
  directives: number
  cost: number
  introspects: boolean
}

/** A fragment that holds itself, or one that is not there. */
export class FragmentFault extends Error {}

type Variables = Readonly<Record<string, unknown>>
type Weighing = Pick<GraphqlOptions, 'weights' | 'lists' | 'sizeArguments'>

/**
 * Measures the operations of one document. Each fragment is measured once, however often it is spread, so that time is
 * linear in the document's length while the numbers may be exponential in it.
 */
export class Measuring {
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #measured = new Map<string, Measure | null>()
  readonly #weighing: Weighing
  readonly #weights: ReadonlyMap<string, number>
  readonly #lists: ReadonlyMap<string, number>
  #variables: Variables = {}

  /** @throws `FragmentFault` where two fragments have one name */
  constructor({ definitions }: DocumentNode, weighing: Weighing) {
    for (const definition of definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue
      const name = definition.name.value
      if (this.#fragments.has(name)) throw new FragmentFault('a fragment is there twice')
      this.#fragments.set(name, definition)
    }
    this.#weighing = weighing
    this.#weights = new Map(Object.entries(weighing.weights))
    this.#lists = new Map(Object.entries(weighing.lists))
  }

  /** @throws `FragmentFault` */
  measure(operation: OperationDefinitionNode, given: Variables): Measure {
    const variables: Record<string, unknown> = Object.create(null)
    for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
      const name = variable.name.value
      variables[name] = Object.hasOwn(given, name) ? given[name] : toNumber(defaultValue)
    }
    this.#variables = variables
    this.#measured.clear()
    const measure = this.#measureSelections(operation.selectionSet)
    measure.directives += countDirectives(operation) + sum(operation.variableDefinitions ?? [], countDirectives)
    return measure
  }

  #measureSelections({ selections }: SelectionSetNode): Measure {
    const total: Measure = { depth: 0, rootFields: 0, aliases: 0, directives: 0, cost: 0, introspects: false }
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) this.#addField(total, selection)
      else {
        const inner =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? this.#measureFragment(selection.name.value)
            : this.#measureSelections(selection.selectionSet)
        total.directives += countDirectives(selection)
        addAll(total, inner, 1)
        total.depth = Math.max(total.depth, inner.depth)
        total.rootFields += inner.rootFields
      }
    }
    return total
  }

  #addField(total: Measure, field: FieldNode): void {
    const name = field.name.value
    total.rootFields++
    if (field.alias !== undefined && field.alias.value !== name) total.aliases++
    total.directives += countDirectives(field)
    total.introspects ||= name === '__schema' || name === '__type'
    total.cost += this.#weights.get(name) ?? 1
    const below = field.selectionSet === undefined ? null : this.#measureSelections(field.selectionSet)
    if (below !== null) addAll(total, below, this.#sizeOf(field))
    total.depth = Math.max(total.depth, 1 + (below?.depth ?? 0))
  }

  #measureFragment(name: string): Measure {
    const known = this.#measured.get(name)
    if (known === null) throw new FragmentFault('a fragment holds itself')
    if (known !== undefined) return known
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) throw new FragmentFault('a fragment is not there')
    this.#measured.set(name, null)
    const measure = this.#measureSelections(fragment.selectionSet)
    measure.directives += countDirectives(fragment)
    this.#measured.set(name, measure)
    return measure
  }

  /** How many elements a field may give: the most that its arguments say, or what the options reckon with. */
  #sizeOf(field: FieldNode): number {
    let size = 0
    for (const { name, value } of field.arguments ?? []) {
      if (!this.#weighing.sizeArguments.includes(name.value)) continue
      const said = value.kind === Kind.VARIABLE ? this.#variables[value.name.value] : toNumber(value)
      const count = Number(said ?? 0)
      if (count > size) size = count
    }
    return size > 0 ? Math.max(1, size) : (this.#lists.get(field.name.value) ?? 1)
  }
}

function addAll(total: Measure, below: Measure, times: number): void {
  total.aliases += below.aliases
  total.directives += below.directives
  total.cost += below.cost * times
  total.introspects ||= below.introspects
}

function toNumber(value: ValueNode | undefined): number {
  if (value?.kind === Kind.INT || value?.kind === Kind.FLOAT || value?.kind === Kind.STRING) return Number(value.value)
  return 0
}

function countDirectives({ directives }: { readonly directives?: readonly unknown[] | undefined }): number {
  return directives?.length ?? 0
}

function sum<T>(all: readonly T[], count: (one: T) => number): number {
  return all.reduce((total, one) => total + count(one), 0)
}
