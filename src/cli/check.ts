import { Command } from 'commander'
import { checkCertificates } from './check/check-certificates.ts'
import { checkDocuments } from './check/check-documents.ts'
import { checkPages } from './check/check-pages.ts'
import { checkReferences } from './check/check-references.ts'
import { formatCheck } from './check/format-check.ts'
import { describeUse } from './describe-use.ts'
import { loadSnapshot } from './load-snapshot.ts'

interface CheckOptions {
  readonly config?: string
  readonly embedded?: boolean
  readonly strict?: boolean
  readonly json?: true
}

/** `portcullis check`: whether a policy file is right, and what in it weakens the protection. */
export function createCheckCommand(): Command {
  const command = new Command('check')
    .description('Validate a policy file and what it refers to; list what weakens it')
    .argument('[file]', 'the policy file; `portcullis.yaml` where none is given')
    .option('-c, --config <file>', 'the policy file, as for other commands')
    .option('--embedded', 'read it as an application that embeds Portcullis does')
    .option('--strict', 'also fail when a secret or a file cannot be read on this machine')
    .option('--json', 'print JSON')
    .action(async (argument: string | undefined, { config, embedded = false, strict = false, json }: CheckOptions) => {
      if (argument !== undefined && config !== undefined) command.error('error: name the policy file once')
      const file = argument ?? config ?? 'portcullis.yaml'
      const snapshot = await loadSnapshot(file, { embedded, json })
      if (snapshot === null) return
      const findings = [
        ...(await checkCertificates(snapshot, Date.now())),
        ...(await checkReferences(snapshot)),
        ...(await checkDocuments(snapshot)),
        ...(await checkPages(snapshot)),
      ]
      const { revision, routes, notices } = snapshot
      const ids = routes.map(({ id }) => id)
      const summary = { file, revision, routes: ids, notices, findings }
      console.log(json ? JSON.stringify(summary, null, 2) : formatCheck(file, snapshot, findings))
      if (findings.some(({ severity }) => strict || severity === 'error')) process.exitCode = 1
    })
  return describeUse(command, {
    examples: [
      ['check', 'validates portcullis.yaml and lists what weakens it'],
      ['check next.yaml --strict --json', 'for a pipeline that has the secrets at hand'],
    ],
    exits: ['the file is right', 'what it refers to is wrong (a certificate, a secret)', 'the file itself is wrong'],
  })
}
