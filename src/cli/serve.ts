import { Command } from 'commander'
import { loadPolicies } from '../runtime/load-policies.ts'
import { type System, startSystem } from '../runtime/system.ts'
import { describeUse } from './describe-use.ts'

interface ServeOptions {
  readonly config: string
}

/** `portcullis serve`: the gateway, until it is told to stop. */
export function createServeCommand(): Command {
  const command = new Command('serve')
    .description('Run the gateway that the policy file describes')
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .action(async ({ config }: ServeOptions) => {
      const system = await start(config)
      if (system === null) return
      // Whoever reads what is printed may be gone: that is no reason to stop serving.
      for (const output of [process.stdout, process.stderr]) output.on('error', () => {})
      for (const { url } of system.listeners) console.log(`ready ${url}`)
      if (system.firstAdministratorLink !== null) {
        console.log('There is no account yet. Who opens this within an hour makes the first administrator:')
        console.log(system.firstAdministratorLink)
      }
      stopOnSignals(system)
    })
  return describeUse(command, {
    notes: `Prints "ready <url>" for each listener once it accepts connections.
Signals: SIGHUP reads the file again (so does a change of the file), SIGTERM and SIGINT stop after open requests ended.`,
    examples: [
      ['serve', 'runs portcullis.yaml'],
      ['serve --config /etc/portcullis.yaml', 'runs another file; its paths start from its folder'],
    ],
    exits: ['it was told to stop', 'it cannot start', 'wrong use, or the policy file is wrong'],
  })
}

async function start(config: string): Promise<System | null> {
  const loaded = await loadPolicies(config)
  if (!loaded.ok) {
    console.error(loaded.message)
    process.exitCode = 2
    return null
  }
  try {
    return await startSystem({ load: () => loadPolicies(config), watched: [config] })
  } catch (error) {
    console.error(`portcullis: ${(error as Error).message}`)
    process.exitCode = 1
    return null
  }
}

/** The first signal drains, the second ends at once. */
export function stopOnSignals(system: { reload?(): Promise<unknown>; stop(drainMs?: number): Promise<void> }): void {
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(130)
    stopping = true
    system.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => void system.reload?.())
}
