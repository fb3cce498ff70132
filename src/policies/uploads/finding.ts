/** Why a file is refused: the code of the problem, and what the caller is told of the rule. */
export interface Finding {
  readonly code: string
  /** The rule: the key of an option where it is one. */
  readonly rule: string
  /** What would be allowed. Nothing that came. */
  readonly expected: string
}

export function finding(code: string, rule: string, expected: string): Finding {
  return { code, rule, expected }
}

/** Looks at one file while it comes. Whatever it holds back of it is bounded. */
export interface Watch {
  write(bytes: Buffer): Finding | null | Promise<Finding | null>
  /** The file is whole. */
  end(): Finding | null | Promise<Finding | null>
  /** Called once, also where the file broke off. */
  close?(): void
}
