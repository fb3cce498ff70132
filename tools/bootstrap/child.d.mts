import type { SpawnOptions } from 'node:child_process'

export function runChild(
  command: string,
  args: string[],
  options: SpawnOptions,
): Promise<{ code: number; signal: NodeJS.Signals | null }>
