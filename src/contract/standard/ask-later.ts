import type { Judged, Question } from './compile-standard.ts'

/** What schemas of libraries are still to be asked, while a message is judged. */
export type Later = Question[]

/** @throws TypeError where nobody will ask, so that no schema is passed over */
export function askLater(later: Later | undefined, question: Question): void {
  if (later === undefined) throw new TypeError('a schema of a library judges a message that nobody asks it about')
  later.push(question)
}

/** All that they say; a promise only where one of them takes its time. */
export function askAll(later: Later): Judged | Promise<Judged> {
  const answers = later.map((ask) => ask())
  return answers.some((one) => one instanceof Promise) ? Promise.all(answers).then(join) : join(answers as Judged[])
}

function join(answers: readonly Judged[]): Judged {
  const broken = answers.find((one) => one.kind === 'broken')
  return (
    broken ?? { kind: 'judged', violations: answers.flatMap((one) => (one.kind === 'judged' ? one.violations : [])) }
  )
}
