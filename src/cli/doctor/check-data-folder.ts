import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkup } from './checkup.ts'

const name = 'data-folder'
/** Files that hold secrets, where they are there. */
const secretFiles = ['prove.key', 'metrics.token', 'dev-certificate.pem', 'identity-key.json']

/** Whether others on this machine can read what is kept in the data folder. */
export async function checkDataFolder(folder: string, storePath: string | null): Promise<Checkup[]> {
  const mode = await readMode(folder)
  if (mode === null) return [{ name, state: 'ok', text: `${folder} is not there yet: the first start makes it` }]
  if (process.platform === 'win32') return [{ name, state: 'ok', text: `${folder} is there` }]
  const files = [...(storePath === null ? [] : [storePath]), ...secretFiles.map((file) => join(folder, file))]
  const modes = await Promise.all(files.map(async (path) => [path, await readMode(path)] as const))
  const exposed = modes.filter(([, fileMode]) => fileMode !== null && (fileMode & 0o077) !== 0).map(([path]) => path)
  const findings: Checkup[] = exposed.map((path) => {
    return { name, state: 'fail', text: `${path} can be read by others: chmod 600 ${path}` }
  })
  if ((mode & 0o077) !== 0) {
    const text = `${folder} has mode ${mode.toString(8)}, others can look into it: chmod 700 ${folder}`
    findings.push({ name, state: 'fail', text })
  }
  return findings.length > 0 ? findings : [{ name, state: 'ok', text: `${folder} is its owner's alone` }]
}

async function readMode(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode & 0o777
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
