/** Whether one of the ranges (`application/json`, `image/*`) holds a type or another range. */
export function covers(ranges: readonly string[], type: string): boolean {
  return ranges.includes(type) || ranges.includes(`${type.slice(0, type.indexOf('/'))}/*`)
}
