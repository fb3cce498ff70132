import { Command, Option } from 'commander'
import type { RevokedKind } from '../stores/ports/revocation-store.ts'
import { describeUse, type Use } from './describe-use.ts'
import { KeyCommandError, withStore } from './keys/key-session.ts'
import { parseText } from './keys/parse-arguments.ts'
import { findIssuer } from './tokens/find-issuer.ts'
import { formatRevocation, formatRevocations } from './tokens/format-revocations.ts'
import { parseEnd, type ReadEnd } from './tokens/parse-end.ts'
import { toRevocationView } from './tokens/revocation-view.ts'
import { type TokenSurroundings, tokenSurroundings } from './tokens/surroundings.ts'

interface CommonOptions {
  readonly config: string
  readonly json?: true
}

interface RevokeOptions extends CommonOptions {
  readonly issuer: string
  readonly jti?: string
  readonly sid?: string
  readonly subject?: string
  readonly client?: string
  readonly until: ReadEnd
  readonly reason?: string
}

const exits = ['it is done', 'it could not be done', 'wrong use, or the policy file is wrong'] as const
const pageSize = 500
const defaultDays = 365
const dayMs = 86_400_000

/** `portcullis tokens`: tokens that other issuers signed and that are no longer believed. */
export function createTokensCommand(surroundings: TokenSurroundings = tokenSurroundings): Command {
  const { now } = surroundings
  const tokens = new Command('tokens').description('Revoke tokens of the issuers that are trusted')

  function print(json: true | undefined, value: unknown, text: string): void {
    surroundings.print(json ? JSON.stringify(value, null, 2) : text)
  }

  addTo(
    tokens,
    'revoke',
    'Stop believing a token, the tokens of a session or those of a subject, in every running instance',
    ['tokens revoke --issuer main --jti 6f1c2d', 'one token'],
    ['tokens revoke --issuer main --sid 81ab0e --until 12h', 'a session whose tokens live for half a day at most'],
    ['tokens revoke --issuer main --subject customer-7 --reason stolen', 'all that it was given until now'],
  )
    .requiredOption('--issuer <issuer>', 'who issued it: the name in the policy file, or its `iss`', parseText)
    .addOption(
      new Option('--jti <id>', 'one token: its `jti`, or its id in the log')
        .argParser(parseText)
        .conflicts(['sid', 'subject', 'client']),
    )
    .addOption(
      new Option('--sid <id>', 'the tokens of one session: its `sid`')
        .argParser(parseText)
        .conflicts(['jti', 'subject', 'client']),
    )
    .addOption(
      new Option('--subject <sub>', 'the tokens that a subject was given until now: its `sub`')
        .argParser(parseText)
        .conflicts(['jti', 'sid', 'client']),
    )
    .addOption(
      new Option('--client <id>', 'the tokens that a client was given until now: its `client_id`')
        .argParser(parseText)
        .conflicts(['jti', 'sid', 'subject']),
    )
    .addOption(
      new Option('--until <end>', 'when the last of these tokens has expired: a duration such as 12h, or a date')
        .argParser(parseEnd)
        .default((at: number) => at + defaultDays * dayMs, `${defaultDays}d`),
    )
    .option('--reason <text>', 'why, for those who read the list', parseText)
    .action((options: RevokeOptions, command: Command) => {
      const named = toNamed(options)
      if (named === null) return command.error('error: say what is to be revoked: --jti, --sid, --subject or --client')
      return withStore(surroundings, options, async ({ revocations }) => {
        const issuer = findIssuer(options.issuer, await surroundings.issuers(options.config))
        const at = now()
        const endsAt = options.until(at)
        if (endsAt <= at) throw new KeyCommandError('The end (--until) has passed: nothing would be revoked.')
        const revocation = {
          issuer,
          ...named,
          revokedAt: at,
          issuedUntil: named.kind === 'subject' || named.kind === 'client' ? at : null,
          endsAt,
          reason: options.reason ?? null,
        }
        const result = await revocations.revoke(revocation)
        const view = toRevocationView(revocation)
        print(options.json, { ...view, already: result === 'already' }, formatRevocation(view, result === 'already'))
      })
    })

  const revoked = describeUse(new Command('revoked').description('What is revoked'), {
    examples: [['tokens revoked list', 'all of it']],
    exits,
  })
  tokens.addCommand(revoked)
  addTo(
    revoked,
    'list',
    'List what is revoked',
    ['tokens revoked list', 'all of it'],
    ['tokens revoked list --issuer main --json', 'what concerns one issuer, for a program'],
  )
    .option('--issuer <issuer>', 'only what concerns one issuer', parseText)
    .action((options: CommonOptions & { issuer?: string }) =>
      withStore(surroundings, options, async ({ revocations }) => {
        const wanted =
          options.issuer === undefined
            ? {}
            : { issuer: findIssuer(options.issuer, await surroundings.issuers(options.config)) }
        const found = []
        for (;;) {
          const after = found.at(-1)
          const page = await revocations.list({ ...wanted, ...(after && { after }), limit: pageSize })
          found.push(...page)
          if (page.length < pageSize) break
        }
        const views = found.map(toRevocationView)
        print(options.json, views, views.length === 0 ? 'Nothing is revoked.' : formatRevocations(views))
      }),
    )

  return describeUse(tokens, {
    examples: [['tokens revoke --issuer main --subject customer-7', 'more with `portcullis tokens revoke --help`']],
    exits,
  })
}

function addTo(parent: Command, name: string, description: string, ...examples: Use['examples']): Command {
  const command = parent
    .command(name)
    .description(description)
    .option('-c, --config <file>', 'the policy file', 'portcullis.yaml')
    .option('--json', 'print JSON')
  return describeUse(command, { examples, exits })
}

function toNamed({
  jti,
  sid,
  subject,
  client,
}: RevokeOptions): { readonly kind: RevokedKind; readonly value: string } | null {
  if (jti !== undefined) return { kind: 'token', value: jti }
  if (sid !== undefined) return { kind: 'session', value: sid }
  if (subject !== undefined) return { kind: 'subject', value: subject }
  if (client !== undefined) return { kind: 'client', value: client }
  return null
}
