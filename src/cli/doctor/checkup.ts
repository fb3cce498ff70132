/** What one check found. `fail`: it will not work, or is not safe. `warn`: look at it. */
export interface Checkup {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What was seen, and what to do where it is not as it should be. */
  readonly text: string
}
