import { isBuiltin } from 'node:module'
import { folderOf, isProduct, type ResolvedImport, type SourceFile, type Violation } from './source-file.ts'
import { folders, type ModuleRule } from './table.ts'

/**
 * Checks what a file imports from outside src/: Node's modules and packages.
 * @param dependencies the packages that are installed together with the published one
 */
export function checkModules(file: SourceFile, ownName: string, dependencies: ReadonlySet<string>): Violation[] {
  if (!isProduct(file.path)) return []
  const folder = folderOf(file.path)
  const rule = folders[folder]?.modules
  return file.imports.flatMap((found) => {
    // A specifier that is put together at run time names no module that could be checked.
    if (found.target !== undefined || found.specifier.includes('${')) return []
    const name = packageOf(found.specifier)
    const verdict =
      checkSelf(name, ownName) ??
      checkTestModule(found.specifier) ??
      (rule && checkRule(folder, rule, file.path.slice(folder.length + 1), found, name)) ??
      checkDeclared(found, name, dependencies)
    return verdict === undefined ? [] : [{ path: file.path, line: found.line, ...verdict }]
  })
}

type Verdict = { problem: string; advice: string } | undefined

function checkSelf(name: string, ownName: string): Verdict {
  if (name !== ownName) return undefined
  return { problem: `imports its own package ${name}`, advice: 'Inside src/, import the file by its relative path.' }
}

function checkTestModule(specifier: string): Verdict {
  if (specifier !== 'node:test' && !specifier.startsWith('node:test/')) return undefined
  return {
    problem: `imports ${specifier}`,
    advice: 'Only *.test.ts and test/ may; what they share belongs in test/support.',
  }
}

function checkRule(folder: string, rule: ModuleRule, file: string, found: ResolvedImport, name: string): Verdict {
  if (isBuiltin(found.specifier)) {
    if (rule.node) return undefined
    const advice = 'It would run on any JavaScript runtime: use what is global everywhere, or have it passed in.'
    return { problem: `${folder} may not import ${found.specifier}`, advice }
  }
  if (rule.packages?.includes(name)) return undefined
  const allowed = rule.typesOf(file)
  if (!allowed.includes(name)) {
    const advice = `It may import types of ${allowed.join(', ') || 'no package'}. Have the value passed in.`
    return { problem: `${folder}/${file} may not import ${name}`, advice }
  }
  if (found.typeOnly) return undefined
  return { problem: `${folder}/${file} may import only types of ${name}`, advice: 'Use `import type`.' }
}

function checkDeclared(found: ResolvedImport, name: string, dependencies: ReadonlySet<string>): Verdict {
  if (found.typeOnly || isBuiltin(found.specifier) || dependencies.has(name)) return undefined
  return {
    problem: `imports ${name}, which is not in package.json's dependencies`,
    advice: 'It would be missing where the package is installed: declare it, or do without it.',
  }
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
