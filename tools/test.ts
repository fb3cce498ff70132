// Runs every test, or those in the files and folders that are named: `npm test -- src/core --test-name-pattern=limit`.
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureServices } from './services.ts'
import { findTests } from './testing/find-tests.ts'
import { noteSkipped } from './testing/note-skipped.ts'
import { watchOutcome } from './testing/outcome.ts'

const testTimeoutMs = 60_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'test-name-pattern': { type: 'string', multiple: true } },
})
const namePatterns = values['test-name-pattern']

const missing = await ensureServices(['test'])
if (missing.length > 0 && process.env.CI === 'true') process.exit(1)

// Every file is a process of its own, and most load the whole system: compiling it anew each time was half of the run.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))

const files = findTests(positionals)
const events = run({
  files,
  concurrency: availableParallelism(),
  timeout: testTimeoutMs,
  ...(namePatterns && { testNamePatterns: namePatterns }),
  execArgv: ['--conditions=source', '--import', new URL('./testing/file-timeout.ts', import.meta.url).href],
})
const outcome = watchOutcome(events, { everyFileHasTests: namePatterns === undefined })

for await (const text of events.compose(noteSkipped).compose(new spec())) process.stdout.write(text)

const complaints = files.length === 0 ? [`there are no tests in ${positionals.join(', ')}`] : outcome.complaints()
for (const complaint of complaints) console.error(`✖ ${complaint}`)
if (complaints.length > 0) process.exitCode = 1
