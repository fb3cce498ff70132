import type { SourceFile, Violation } from './source-file.ts'

const parts: Readonly<Record<string, string>> = {
  'index.ts': 'It exports the policy and nothing else.',
  'options.ts': 'It holds the schema of every option: type, default, bounds, description.',
  'probes.ts': 'It holds the requests that the policy must refuse and those that it must let pass.',
  'README.md': 'It says why the policy is there, its options, how it fails, and one example.',
}

/**
 * Checks that every policy's folder is complete and in the registry.
 * @param paths every file below src/, of whatever kind
 * @param registry src/policies/index.ts, where it is written already
 */
export function checkPolicyFolders(paths: readonly string[], registry: SourceFile | undefined): Violation[] {
  const policies = new Map<string, string[]>()
  for (const path of paths) {
    const [top, name, ...rest] = path.split('/')
    if (top === 'policies' && name !== undefined && rest.length > 0) {
      policies.set(name, [...(policies.get(name) ?? []), rest.join('/')])
    }
  }
  return [...policies].flatMap(([name, files]) => checkPolicyFolder(name, files, registry))
}

function checkPolicyFolder(name: string, files: readonly string[], registry: SourceFile | undefined): Violation[] {
  const folder = `policies/${name}`
  const problems = Object.entries(parts)
    .filter(([part]) => !files.includes(part))
    .map(([part, advice]) => ({ problem: `the policy ${name} has no ${part}`, advice }))
  if (!files.some((file) => file.endsWith('.test.ts'))) {
    const advice = 'A test shows that it allows, refuses, fails closed and rejects bad configuration.'
    problems.push({ problem: `the policy ${name} has no *.test.ts`, advice })
  }
  if (!registry?.imports.some(({ target }) => target === `${folder}/index.ts`)) {
    const advice = `Import ./${name}/index.ts in src/policies/index.ts and add it to the list there.`
    problems.push({ problem: `the policy ${name} is not in the registry`, advice })
  }
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    const advice = 'The folder names the documentation page and the metric label: lower case, words joined by hyphens.'
    problems.push({ problem: `the policy folder ${name} is not in kebab-case`, advice })
  }
  return problems.map((found) => ({ path: folder, line: 1, ...found }))
}
