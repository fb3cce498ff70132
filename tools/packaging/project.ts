import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** A project as a user has it, with the packed package installed in it and nothing of this tree around it. */
export type Project = {
  readonly folder: string
  /** The folder of the installed package. */
  readonly package: string
  readonly manifest: Manifest
}

export type Manifest = {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin: Readonly<Record<string, string>>
}

export type Result = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

/** Packs the tree at `root` and installs the tarball in a temporary folder, which the caller removes. */
export function installPacked(root: string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  const packed = runIn(root, 'npm', ['pack', '--json', '--pack-destination', folder])
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`)
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(packed.stdout)
  console.log(
    `${filename}: ${entryCount} files, ${Math.ceil(size / 1024)} KiB packed, ${Math.ceil(unpackedSize / 1024)} KiB unpacked`,
  )

  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  const installed = runIn(folder, 'npm', ['install', ...options, join(folder, filename)])
  if (installed.status !== 0) throw new Error(`npm install of the packed package failed:\n${installed.stderr}`)

  const { name } = readJson(join(root, 'package.json')) as Manifest
  const path = join(folder, 'node_modules', name)
  return { folder, package: path, manifest: readJson(join(path, 'package.json')) as Manifest }
}

/** Runs a program as a user of the project would: on this Node, without what npm tells the scripts of this tree. */
export function runIn(folder: string, command: string, args: readonly string[]): Result {
  const ours = ([name]: [string, unknown]) => !/^npm_|^NODE_OPTIONS$|^NODE_TEST_CONTEXT$/i.test(name)
  const env = Object.fromEntries(Object.entries(process.env).filter(ours))
  const path = [dirname(process.execPath), env.PATH].join(delimiter)
  return spawnSync(command, args, {
    cwd: folder,
    env: { ...env, PATH: path },
    encoding: 'utf8',
    timeout: 180_000,
    shell: process.platform === 'win32',
  })
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}
