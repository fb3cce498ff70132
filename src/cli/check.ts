import { Command } from 'commander'
import { checkCertificates } from './check/check-certificates.ts'
import { checkReferences } from './check/check-references.ts'
import { formatCheck } from './check/format-check.ts'
import { loadSnapshot } from './load-snapshot.ts'

interface CheckOptions {
  readonly embedded?: boolean
  readonly strict?: boolean
  readonly json?: true
}

/** `portcullis check`: whether a policy file is right, and what in it weakens the protection. */
export function createCheckCommand(): Command {
  return new Command('check')
    .description('Validate a policy file and what it refers to; list what weakens it')
    .argument('[file]', 'the policy file', 'portcullis.yaml')
    .option('--embedded', 'read it as an application that embeds Portcullis does')
    .option('--strict', 'also fail when a secret or a file cannot be read on this machine')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 valid, 1 what it refers to is wrong, 2 the file itself is wrong.')
    .action(async (file: string, { embedded = false, strict = false, json }: CheckOptions) => {
      const snapshot = await loadSnapshot(file, { embedded, json })
      if (snapshot === null) return
      const findings = [...(await checkCertificates(snapshot, Date.now())), ...(await checkReferences(snapshot))]
      const { revision, routes, notices } = snapshot
      const ids = routes.map(({ id }) => id)
      const summary = { file, revision, routes: ids, notices, findings }
      console.log(json ? JSON.stringify(summary, null, 2) : formatCheck(file, snapshot, findings))
      if (findings.some(({ severity }) => strict || severity === 'error')) process.exitCode = 1
    })
}
