import { statSync } from 'node:fs'
import { Command, Option } from 'commander'
import { formatErrors } from '../config/config-error.ts'
import { loadPolicyFile } from '../config/load-policy-file.ts'
import { calibrateArgon2 } from '../crypto/passwords/calibrate.ts'
import { type PasswordOptions, toHashParameters } from '../crypto/passwords/options.ts'
import { minimums } from '../crypto/passwords/parameters.ts'
import { checkReferences } from './check/check-references.ts'
import { describeUse } from './describe-use.ts'
import { checkAntivirus } from './doctor/check-antivirus.ts'
import { checkClock } from './doctor/check-clock.ts'
import { checkDataFolder } from './doctor/check-data-folder.ts'
import { checkNode } from './doctor/check-node.ts'
import { checkPasswords } from './doctor/check-passwords.ts'
import { checkStore } from './doctor/check-store.ts'
import type { Checkup } from './doctor/checkup.ts'
import { parseTarget } from './doctor/parse-target.ts'

interface DoctorOptions {
  readonly config: string
  readonly target: number
  readonly json?: true
}

/** `portcullis doctor`: whether this machine is as the gateway needs it, and what passwords should cost on it. */
export function createDoctorCommand(): Command {
  const command = new Command('doctor')
    .description(
      'Look over this machine: Node, policy file, data folder, store, clock, virus scanner, what a password hash costs',
    )
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .addOption(
      new Option('--target <duration>', 'how long hashing one password may take')
        .argParser(parseTarget)
        .default(250, '250ms'),
    )
    .option('--json', 'print JSON')
    .action(async ({ config, target, json }: DoctorOptions) => {
      const checkups = await examine(config, target)
      console.log(json ? JSON.stringify({ checkups }, null, 2) : format(checkups))
      if (checkups.some(({ state }) => state === 'fail')) process.exitCode = 1
    })
  return describeUse(command, {
    examples: [
      ['doctor', 'everything, with the policy file in this folder'],
      ['doctor --target 500ms --json', 'what to write into `passwords` for slower, safer log-ins'],
    ],
    exits: ['nothing is broken', 'something is: the lines with FAIL say what to do', 'wrong use'],
  })
}

async function examine(config: string, targetMs: number): Promise<Checkup[]> {
  const made = statSync(new URL(import.meta.url)).mtimeMs
  const checkups = [checkNode(), checkClock(Date.now(), made)]
  const loaded = await loadPolicyFile(config, { embedded: true })
  if (loaded.ok) {
    const { snapshot } = loaded
    checkups.push({ name: 'policy-file', state: 'ok', text: `${config} is valid` })
    for (const { severity, text } of await checkReferences(snapshot)) {
      checkups.push({ name: 'policy-file', state: severity === 'error' ? 'fail' : 'warn', text })
    }
    checkups.push(
      ...(await checkDataFolder(snapshot.dataFolder, snapshot.data.kind === 'sqlite' ? snapshot.data.path : null)),
    )
    checkups.push(await checkStore(snapshot), ...(await checkAntivirus(snapshot)))
  } else {
    checkups.push({ name: 'policy-file', state: 'fail', text: formatErrors(loaded.errors) })
  }
  const present = loaded.ok
    ? toHashParameters((loaded.snapshot.blocks.passwords as PasswordOptions | undefined) ?? {})
    : minimums.argon2id
  checkups.push(checkPasswords(calibrateArgon2(targetMs), targetMs, present))
  return checkups
}

const words = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const

function format(checkups: readonly Checkup[]): string {
  return checkups.map(({ name, state, text }) => `${words[state]}  ${name.padEnd(11)}  ${text}`).join('\n')
}
