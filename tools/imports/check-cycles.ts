import { isProduct, type SourceFile, type Violation } from './source-file.ts'

type Edge = { readonly to: string; readonly line: number }

/** Finds files that import each other in a circle. Types may: they are gone before anything is loaded. */
export function checkCycles(files: readonly SourceFile[]): Violation[] {
  const edges = new Map<string, Edge[]>()
  for (const { path, imports } of files) {
    if (!isProduct(path)) continue
    const values = imports.filter(({ typeOnly }) => !typeOnly)
    edges.set(
      path,
      values.flatMap(({ target, line }) => (target === undefined ? [] : [{ to: target, line }])),
    )
  }
  return [...edges.keys()].sort().flatMap((path) => {
    const circle = shortestCircle(path, edges)
    // Each circle is told once, by the first of its files.
    if (circle === undefined || circle.some(({ to }) => to < path)) return []
    return {
      path,
      line: circle[0]?.line ?? 1,
      problem: `imports itself in a circle: ${[path, ...circle.map(({ to }) => to)].join(' → ')}`,
      advice: 'Move what two of them share to a file that both import, or pass it in.',
    }
  })
}

function shortestCircle(start: string, edges: ReadonlyMap<string, readonly Edge[]>): Edge[] | undefined {
  const seen = new Set<string>()
  let paths: Edge[][] = [[]]
  while (paths.length > 0) {
    const longer: Edge[][] = []
    for (const path of paths) {
      for (const edge of edges.get(path.at(-1)?.to ?? start) ?? []) {
        if (edge.to === start) return [...path, edge]
        if (seen.has(edge.to)) continue
        seen.add(edge.to)
        longer.push([...path, edge])
      }
    }
    paths = longer
  }
  return undefined
}
