/** What text can be taken for by the program that it reaches. */
export const injectionClasses = [
  'sql',
  'xss',
  'shell',
  'path',
  'template',
  'nosql',
  'ldap',
  'xpath',
  'header',
  'log',
  'mail',
  'ssrf',
  'object',
  'xml',
] as const

export type InjectionClass = (typeof injectionClasses)[number]

/** One thing that a detector saw. */
export interface Finding {
  readonly class: InjectionClass
  /** Which rule, such as `sql-union`: stable, for logs and for whoever has to find out why. */
  readonly rule: string
  /** 1 (it is odd) to 10 (it is nothing else). */
  readonly score: number
}

/** Takes what a detector sees. */
export type Report = (kind: InjectionClass, rule: string, score: number) => void

/** From this score on a finding refuses, unless a deployment says otherwise. */
export const defaultThreshold = 5
