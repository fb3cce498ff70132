import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import type { Cores } from './cores.ts'

/** What has to be known of a machine to read its numbers. */
export function describeMachine(cores: Cores): Record<string, string> {
  const models = cpus()
  return {
    processor: `${models.length} × ${models[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${readSystemName()}, ${type()} ${release()}`,
    cores:
      cores.server === null
        ? 'not pinned (no taskset, or one core): server and load disturb each other'
        : `server on ${cores.server}, load and upstream on ${cores.load}`,
    'load average before': loadavg()
      .map((value) => value.toFixed(2))
      .join(' '),
    node: process.version,
    nginx: readVersion('nginx', ['-v'], /nginx\/(\S+)/),
    haproxy: readVersion('haproxy', ['-v'], /version (\S+)/),
    wrk: readVersion('wrk', ['-v'], /wrk (\S+)/),
    ...readPackageVersions(['undici', 'fastify', '@fastify/http-proxy', 'express', 'jsonwebtoken', 'winston']),
  }
}

function readSystemName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? type()
  } catch {
    return type()
  }
}

function readVersion(command: string, args: string[], pattern: RegExp): string {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env })
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'not installed'
}

function readPackageVersions(names: readonly string[]): Record<string, string> {
  const root = new URL('../../node_modules/', import.meta.url)
  return Object.fromEntries(
    names.map((name) => [name, JSON.parse(readFileSync(new URL(`${name}/package.json`, root), 'utf8')).version]),
  )
}
