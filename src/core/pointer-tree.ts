/** JSON pointers, as one walk down a document needs them. */
export interface PointerNode {
  /** A pointer ends here. */
  isHidden: boolean
  readonly children: Map<string, PointerNode>
}

const nobody: readonly PointerNode[] = []

/** The tokens of a JSON pointer (RFC 6901); null where the text is none. */
export function parsePointer(text: string): string[] | null {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return null
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function createPointerTree(pointers: readonly (readonly string[])[]): PointerNode {
  const root = createNode()
  for (const pointer of pointers) {
    let node = root
    for (const token of pointer) {
      let child = node.children.get(token)
      if (child === undefined) {
        child = createNode()
        node.children.set(token, child)
      }
      node = child
    }
    node.isHidden = true
  }
  return root
}

/** Where the walk stands after a member's name or an element's place; `*` in a pointer stands for any one. */
export function stepDown(nodes: readonly PointerNode[], token: string): readonly PointerNode[] {
  if (nodes.length === 0) return nobody
  const found: PointerNode[] = []
  for (const { children } of nodes) {
    const named = children.get(token)
    const any = children.get('*')
    if (named !== undefined) found.push(named)
    if (any !== undefined && any !== named) found.push(any)
  }
  return found
}

function createNode(): PointerNode {
  return { isHidden: false, children: new Map() }
}
