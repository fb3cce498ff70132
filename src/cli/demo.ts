import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { Command } from 'commander'
import { createApiKey } from '../crypto/api-key.ts'
import { loadPolicies } from '../runtime/load-policies.ts'
import { resolveStoreLocation } from '../runtime/store-location.ts'
import { type System, startSystem } from '../runtime/system.ts'
import { openStore } from '../stores/open-store.ts'
import { writeDemoPolicyFile } from './demo/demo-policy-file.ts'
import { describeTour } from './demo/tour.ts'
import { describeUse } from './describe-use.ts'
import { stopOnSignals } from './serve.ts'

interface Shop {
  readonly url: string
  close(): Promise<void>
}

const exampleFolder = new URL('../../examples/shop/', import.meta.url)
const keyLifetimeMs = 24 * 3_600_000

/** `portcullis demo`: the example shop, unprotected and protected side by side. */
export function createDemoCommand(): Command {
  const command = new Command('demo')
    .description('Run the example shop with Portcullis in front of it, and show what it stops')
    .action(async () => {
      const shop = await startExampleShop()
      if (shop === null) {
        console.error('The example shop is in the source repository: clone it and run `npm start` there.')
        process.exitCode = 1
        return
      }
      const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'))
      const close = async () => {
        await shop.close()
        await rm(folder, { recursive: true, force: true })
      }
      try {
        const file = await writeDemoPolicyFile(new URL('portcullis.yaml', exampleFolder).pathname, folder, shop.url)
        const system = await startSystem({ load: () => loadPolicies(file), watched: [file] })
        const key = await createDemoKey(system)
        const address = (name: string) => system.listeners.find((listener) => listener.name === name)?.url ?? ''
        for (const { url } of system.listeners) console.log(`ready ${url}`)
        console.log(
          describeTour({ shop: shop.url, gateway: address('https'), admin: address('admin'), key, policyFile: file }),
        )
        stopOnSignals({
          reload: () => system.reload(),
          stop: async () => {
            await system.stop(500)
            await close()
          },
        })
      } catch (error) {
        await close()
        console.error(`portcullis demo: ${(error as Error).message}`)
        process.exitCode = 1
      }
    })
  return describeUse(command, {
    examples: [['demo', 'prints what to try, and runs until Ctrl+C']],
    exits: ['it was told to stop', 'it cannot start', 'wrong use'],
  })
}

/** The shop is no part of the published package. */
async function startExampleShop(): Promise<Shop | null> {
  // Sources run as they are; beside the published JavaScript there is no shop.
  const entry = new URL(`shop${extname(import.meta.url)}`, exampleFolder).href
  try {
    const { startShop } = (await import(entry)) as { startShop(options: object): Promise<Shop> }
    return await startShop({})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}

async function createDemoKey({ snapshot }: System): Promise<string> {
  const store = await openStore(await resolveStoreLocation(snapshot))
  try {
    const { id, text, digest } = createApiKey()
    const createdAt = Date.now()
    const nothing = { name: 'demo', tenant: null, scopes: [], cidrs: [] }
    await store.keys.create({
      id,
      digest,
      owner: 'customer-1',
      roles: ['customer'],
      createdAt,
      expiresAt: createdAt + keyLifetimeMs,
      ...nothing,
    })
    return text
  } finally {
    await store.close()
  }
}
