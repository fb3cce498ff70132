import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { checkTarget } from '../config/schema/upstreams.ts'
import { describeUse } from './describe-use.ts'
import { addContract } from './init/add-contract.ts'
import { createPlainDraft, type Draft } from './init/draft.ts'
import { OpenApiError, readOpenApi } from './init/openapi-document.ts'
import { createOpenApiDraft } from './init/openapi-draft.ts'
import { settleDraft } from './init/settle-draft.ts'
import { toPrintable } from './printable.ts'

interface InitOptions {
  readonly upstream: string
  readonly openapi?: string
  readonly output: string
  readonly force?: true
}

/** `portcullis init`: a policy file to begin with. */
export function createInitCommand(): Command {
  const command = new Command('init')
    .description('Write a policy file to begin with')
    .option('--upstream <url>', 'where the API is', parseUpstream, 'http://127.0.0.1:3000')
    .option('--openapi <file>', 'an OpenAPI 3 document that the routes are made from and requests are held to')
    .option('-o, --output <file>', 'where to write; - prints', 'portcullis.yaml')
    .option('--force', 'write over a file that is there')
    .action(async ({ upstream, openapi, output, force }: InitOptions) => {
      const proposed = await createDraft(upstream, openapi)
      if (proposed === null) return
      const settled = settleDraft(proposed, output)
      const { draft, text } = openapi === undefined ? settled : await addContract(settled, openapi, output)
      for (const warning of draft.warnings) console.error(`warning: ${toPrintable(warning)}`)
      if (draft.routes.length === 0)
        console.error('warning: no path could be taken over: the file lets nothing through')
      if (output === '-') {
        console.log(text.trimEnd())
        return
      }
      if (await write(output, text, force === true)) {
        const { length } = draft.routes
        const routes = `${length} route${length === 1 ? '' : 's'}`
        console.log(`${output} is written, with ${routes}. Read it, then: portcullis check ${output}`)
      }
    })
  return describeUse(command, {
    examples: [
      ['init --upstream http://127.0.0.1:4000', 'lets callers with a key through to it'],
      [
        'init --openapi openapi.yaml -o api.yaml',
        'with a route for each path of the document, and its schemas enforced',
      ],
    ],
    exits: ['the file is written', 'there is such a file already', 'wrong use, or the document cannot be read'],
  })
}

function parseUpstream(text: string): string {
  const problem = checkTarget(text)
  if (problem !== null) throw new InvalidArgumentError(`It ${problem}.`)
  return new URL(text).origin
}

async function createDraft(upstream: string, openapi: string | undefined): Promise<Draft | null> {
  if (openapi === undefined) return createPlainDraft(upstream)
  try {
    return createOpenApiDraft(await readOpenApi(openapi), upstream)
  } catch (error) {
    if (!(error instanceof OpenApiError)) throw error
    console.error(error.message)
    process.exitCode = 2
    return null
  }
}

/** Never over a file that is there, unless told to; not even when it appears in this very moment. */
async function write(output: string, text: string, force: boolean): Promise<boolean> {
  try {
    await writeFile(output, text, { flag: force ? 'w' : 'wx' })
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    console.error(code === 'EEXIST' ? `${output} is there already; --force writes over it` : `${output}: ${message}`)
    process.exitCode = code === 'EEXIST' ? 1 : 2
    return false
  }
}
