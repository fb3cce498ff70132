import { dirname, join } from 'node:path'
import { Command, Option } from 'commander'
import { readCaseFile } from './cases/case-file.ts'
import { formatResults, formats } from './cases/reports.ts'
import { type CaseResult, runCases } from './cases/run-cases.ts'
import { describeUse } from './describe-use.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { printErrors } from './print-failure.ts'

interface TestOptions {
  readonly config?: string
  readonly format: (typeof formats)[number]
  readonly embedded?: boolean
}

/** `portcullis test`: whether a policy file decides as cases say. Nothing is sent, and no store is read. */
export function createTestCommand(): Command {
  const command = new Command('test')
    .description('Check that a policy file decides as expected, case by case')
    .argument('<files...>', 'files of cases, such as access.test.yaml')
    .option('-c, --config <file>', 'the policy file, instead of those that the files name')
    .addOption(new Option('--format <format>', 'how results are printed').choices([...formats]).default('text'))
    .option('--embedded', 'read the policy file as an application that embeds Portcullis does')
    .action(async (files: readonly string[], { config, format, embedded = false }: TestOptions) => {
      const results: CaseResult[] = []
      for (const file of files) {
        const cases = await readCaseFile(file)
        if (!('cases' in cases)) {
          printErrors(cases, undefined)
          process.exitCode = 2
          return
        }
        const snapshot = await loadSnapshot(config ?? join(dirname(file), cases.policyFile), { embedded })
        if (snapshot === null) return
        results.push(...(await runCases(file, cases.cases, snapshot)))
      }
      console.log(formatResults(results, format))
      if (results.some(({ problem }) => problem !== null)) process.exitCode = 1
    })
  return describeUse(command, {
    examples: [
      ['test access.test.yaml', 'each case: who, which request, allow or deny'],
      ['test access.test.yaml --format junit > results.xml', 'for a build server'],
    ],
    exits: ['every case is as expected', 'a case is not', 'wrong use, or a file is wrong'],
  })
}
