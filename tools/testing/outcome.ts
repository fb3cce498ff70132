import type { TestsStream } from 'node:test'

export type Outcome = {
  /** Why the run must not count as passed; empty when it may. */
  complaints(): string[]
}

/** Judges a run more strictly than node:test, which passes one without any test and files that declare none. */
export function watchOutcome(events: TestsStream, options: { everyFileHasTests: boolean }): Outcome {
  let ran = 0
  let failed = false
  const withoutTests: string[] = []
  events.on('test:pass', ({ name, file, details, skip }) => {
    if (name === file) withoutTests.push(file)
    else if (details.type !== 'suite' && skip === undefined) ran += 1
  })
  events.on('test:fail', ({ todo }) => {
    if (todo === undefined) failed = true
  })
  return {
    complaints: () => [
      ...(failed ? ['tests failed'] : []),
      ...(options.everyFileHasTests ? withoutTests.map((file) => `${file} declares no tests`) : []),
      ...(ran === 0 ? ['no test ran'] : []),
    ],
  }
}
