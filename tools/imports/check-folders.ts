import { matchesGlob } from 'node:path'
import { folderOf, isProduct, type ResolvedImport, type SourceFile, type Violation } from './source-file.ts'
import { type FolderRule, folders } from './table.ts'

/** Checks what a file imports from other folders of src/ against the table. Tests may import anything. */
export function checkFolders(file: SourceFile, exists: (path: string) => boolean): Violation[] {
  const folder = folderOf(file.path)
  const rule = folders[folder]
  if (rule === undefined) {
    const advice =
      'Put the file in a folder of the design, or add its folder to section 4 and to tools/imports/table.ts.'
    return [{ path: file.path, line: 1, problem: `src/${folder} is not in the table of folders`, advice }]
  }
  if (!isProduct(file.path)) return []
  return file.imports.flatMap((found) => {
    const verdict =
      found.target === undefined ? undefined : checkTarget(folder, rule, file.path, found, found.target, exists)
    return verdict === undefined ? [] : [{ path: file.path, line: found.line, ...verdict }]
  })
}

type Verdict = { problem: string; advice: string } | undefined

function checkTarget(
  folder: string,
  rule: FolderRule,
  path: string,
  found: ResolvedImport,
  target: string,
  exists: (path: string) => boolean,
): Verdict {
  if (target === '../package.json') return undefined // stands at the same place beside dist/
  if (target.startsWith('../')) {
    return {
      problem: `imports ${target}, outside src/`,
      advice: 'Only src/ is published: move what is needed into it.',
    }
  }
  if (!exists(target)) {
    return {
      problem: `imports src/${target}, which does not exist`,
      advice: 'Write the whole file name, with its .ts ending.',
    }
  }
  if (!isProduct(target)) {
    return { problem: `imports the test ${target}`, advice: 'Move what both need into a file of its own.' }
  }
  if (folderOf(target) === folder) return folder === 'policies' ? checkPolicy(path, target) : undefined
  if (!rule.imports.some((glob) => matchesGlob(target, glob))) {
    return {
      problem: `${folder} may not import ${target}`,
      advice: `It may import ${rule.imports.join(', ') || 'nothing of ours'}. Have the value passed in, or move it to core.`,
    }
  }
  if (rule.typesOnly && !found.typeOnly) {
    return {
      problem: `${folder} may import only types of ${target}`,
      advice: 'Use `import type`, and have values passed in.',
    }
  }
  return undefined
}

/** A policy knows the others neither by name nor through the registry; the registry knows only their index.ts. */
function checkPolicy(path: string, target: string): Verdict {
  const [from, to] = [policyOf(path), policyOf(target)]
  if (path === 'policies/index.ts') {
    if (to === undefined || target === `policies/${to}/index.ts`) return undefined
    return {
      problem: `the registry imports ${target}`,
      advice: `Import policies/${to}/index.ts, which exports the policy.`,
    }
  }
  if (from === undefined || from === to) return undefined
  if (to === undefined && target !== 'policies/index.ts') return undefined
  return {
    problem: `the policy ${from} imports ${target}`,
    advice: 'Policies do not know each other: move what they share to core, or pass it through the exchange.',
  }
}

function policyOf(path: string): string | undefined {
  const [, name, inside] = path.split('/')
  return inside === undefined ? undefined : name
}
