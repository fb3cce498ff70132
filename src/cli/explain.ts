import { Command } from 'commander'
import { policies } from '../policies/index.ts'
import { describeUse } from './describe-use.ts'
import type { Decide } from './explain/decide.ts'
import { formatExplanation } from './explain/format-explanation.ts'
import { parseClient, parseHeader, parseMethod, parseUrl, toIncoming } from './explain/parse-request.ts'
import { createPlan } from './explain/plan.ts'
import { loadSnapshot } from './load-snapshot.ts'

interface ExplainOptions {
  readonly config: string
  readonly header?: readonly string[]
  readonly client: string
  readonly embedded?: boolean
  readonly json?: true
}

/**
 * `portcullis explain`: what would become of a request, and why. Nothing is sent.
 * @param decide runs the compiled policies; null leaves it at what the policy file says
 */
export function createExplainCommand(decide: Decide | null = null): Command {
  const command = new Command('explain')
    .description('Say what would become of a request, without sending it')
    .argument('<method>', 'such as GET', parseMethod)
    .argument('<url>', 'such as https://api.example.com/orders/1, or a path alone', parseUrl)
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('-H, --header <field>', "a header field, 'Name: value'; may be repeated", parseHeader)
    .option('--client <address>', 'the address that the request comes from', parseClient, '127.0.0.1')
    .option('--embedded', 'read the file as an application that embeds Portcullis does')
    .option('--json', 'print JSON')
    .action(async (method: string, url: ReturnType<typeof parseUrl>, options: ExplainOptions) => {
      const { config, header = [], client, embedded = false, json } = options
      const snapshot = await loadSnapshot(config, { embedded, json })
      if (snapshot === null) return
      const request = toIncoming(method, url, header, client)
      const plan = createPlan(request, snapshot)
      const decided = decide === null ? null : await decide(snapshot, request)
      console.log(
        json ? JSON.stringify({ ...plan, decision: decided }, null, 2) : formatExplanation(plan, decided, policies),
      )
    })
  return describeUse(command, {
    examples: [
      ['explain GET https://api.example.com/orders/7', 'which route, which policies, what they decide'],
      ["explain POST /orders -H 'Origin: https://evil.example' --client 192.0.2.1", 'as a page of another origin'],
    ],
    exits: ['it is explained, whatever becomes of the request', null, 'wrong use, or the policy file is wrong'],
  })
}
