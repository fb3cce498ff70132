/** Something that a policy file refers to and that is not as it should be. */
export interface Finding {
  /** `error`: it is there and wrong. `warning`: it is not there, at least not on this machine. */
  readonly severity: 'error' | 'warning'
  readonly text: string
}
