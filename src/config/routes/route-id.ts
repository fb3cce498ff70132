const order = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Methods in one order, so that a route's id does not depend on how the file lists them. */
export function sortMethods(methods: readonly string[]): string[] {
  const rank = (method: string) => (order.includes(method) ? order.indexOf(method) : order.length)
  return [...new Set(methods)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** `GET,POST /orders/{id}`, `* /files/**` for every method, with hosts in front where the route names some. */
export function toRouteId(hosts: readonly string[], methods: readonly string[], path: string): string {
  const where = hosts.length === 0 ? '' : `${hosts.join(',')} `
  return `${where}${methods.length === 0 ? '*' : methods.join(',')} ${path}`
}
