// Measures Portcullis beside its peers: `npm run bench -- [--only gateway,route-match] [--rounds 5] [--seconds 4]`.
import { mkdtempSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allReached } from './harness/claim.ts'
import { Unavailable } from './harness/contender.ts'
import { chooseCores } from './harness/cores.ts'
import { describeMachine } from './harness/machine.ts'
import { type Report, type ScenarioReport, toMarkdown } from './harness/report.ts'
import type { Bench, Scenario } from './harness/scenario.ts'
import { createTokenFiles } from './load/tokens.ts'
import { scenarios } from './scenarios/index.ts'

const usage = `Usage: npm run bench -- [options]

  --only NAME[,NAME…]   these scenarios: ${scenarios.map(({ name }) => name).join(', ')}
  --rounds N            how often each contender is measured, at least 5 for a verdict (default 5)
  --seconds N           length of one measurement (default 4)
  --accounts N          in the full store of the identity server (default 100000)
  --grants N            the same, and how much has expired there (default 1000000)
  --list                say what each scenario measures, and end
`

interface Options {
  readonly chosen: readonly Scenario[]
  readonly rounds: number
  readonly seconds: number
  readonly accounts: number
  readonly grants: number
}

const options = readOptions()
if (options !== null) process.exitCode = await runAll(options)

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '4' },
        accounts: { type: 'string', default: '100000' },
        grants: { type: 'string', default: '1000000' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help || values.list) {
      console.log(values.help ? usage : scenarios.map(({ name, title }) => `${name}: ${title}`).join('\n'))
      return null
    }
    return {
      chosen: chooseScenarios(values.only),
      rounds: readCount('rounds', values.rounds, 100),
      seconds: readCount('seconds', values.seconds, 60),
      accounts: readCount('accounts', values.accounts, 10_000_000),
      grants: readCount('grants', values.grants, 10_000_000),
    }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exitCode = 2
    return null
  }
}

function chooseScenarios(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios
  return only.split(',').map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name)
    if (scenario === undefined) throw new Error(`there is no scenario "${name}"`)
    return scenario
  })
}

function readCount(name: string, text: string, max: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`--${name} is a number from 1 to ${max}`)
  return value
}

async function runAll({ chosen, rounds, seconds, ...sizes }: Options): Promise<number> {
  const cores = chooseCores()
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
  // NGINX started as root works as an unprivileged user, who has to get in.
  await chmod(folder, 0o755)
  const reports: ScenarioReport[] = []
  const machine = describeMachine(cores)
  const startedAt = new Date().toISOString()
  try {
    const tokens = await createTokenFiles(folder)
    for (const { name, title, run } of chosen) {
      console.error(`\n${title}`)
      const own = join(folder, name)
      await mkdir(own)
      const say = (text: string) => console.error(`  ${text}`)
      const bench: Bench = { rounds, seconds, ...sizes, cores, folder: own, tokens, say }
      reports.push({ name, title, ...(await runScenario(run, bench)) })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const report: Report = { startedAt, rounds, seconds, machine, scenarios: reports }
  await writeReport(report)
  const failed = reports.some(({ error }) => error !== undefined)
  return !failed && allReached(reports.flatMap(({ claims }) => claims)) ? 0 : 1
}

/** One scenario that breaks does not take the others' results with it. */
async function runScenario(run: Scenario['run'], bench: Bench) {
  try {
    return await run(bench)
  } catch (error) {
    console.error(error instanceof Unavailable ? `  ${error.message}` : error)
    return { claims: [], notes: [], error: (error as Error).message }
  }
}

async function writeReport(report: Report): Promise<void> {
  const out = join(import.meta.dirname, 'out')
  await mkdir(out, { recursive: true })
  const markdown = toMarkdown(report)
  const stamp = report.startedAt.replace(/[:.]/g, '-')
  for (const name of [stamp, 'latest']) {
    await writeFile(join(out, `${name}.md`), markdown)
    await writeFile(join(out, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`)
  }
  console.log(markdown)
  console.error(`written to ${join(out, 'latest.md')} and latest.json`)
}
