import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** Passes a run's events on, and lists what was skipped by name just before the summary, where it is not overlooked. */
export async function* noteSkipped(events: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  const skipped: string[] = []
  for await (const event of events) {
    if (event.type === 'test:pass' && event.data.skip !== undefined) {
      const { file, name, skip } = event.data
      const place = file === undefined ? name : `${relative(process.cwd(), file)} › ${name}`
      skipped.push(typeof skip === 'string' ? `${place}: ${skip}` : place)
    }
    if (event.type === 'test:diagnostic' && event.data.file === undefined && /^tests \d+$/.test(event.data.message)) {
      for (const line of skipped.splice(0)) yield { ...event, data: { ...event.data, message: `skipped: ${line}` } }
    }
    yield event
  }
}
