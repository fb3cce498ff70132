// Installs the programs that tests and measurements run: `node tools/services.ts [test] [bench]`.
// As root on Debian it installs them, without letting their daemons start; elsewhere it says what to install.
import { existsSync } from 'node:fs'
import { withLock } from './bootstrap/lock.mjs'
import { installPackages } from './services/apt.ts'
import { howToInstall, type Purpose, type Service, servicesFor } from './services/catalog.ts'
import { findService } from './services/find-program.ts'

/** Installs what is missing where that is possible, says how to install the rest, and returns the rest. */
export async function ensureServices(purposes: readonly Purpose[]): Promise<Service[]> {
  if (missingServices(purposes).length > 0 && isRootOnDebian()) {
    const waiting = () => console.error('Another process is installing Debian packages; waiting for it…')
    await withLock('/run/portcullis-services.lock', waiting, () =>
      installPackages(missingServices(purposes).map(({ apt }) => apt)),
    ).catch((error: Error) => console.error(error.message))
  }
  const missing = missingServices(purposes)
  if (missing.length > 0) console.error(howToInstall(missing))
  return missing
}

function missingServices(purposes: readonly Purpose[]): Service[] {
  return servicesFor(purposes).filter((service) => findService(service) === undefined)
}

function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version')
}

if (import.meta.main) {
  const purposes = process.argv.slice(2)
  const unknown = purposes.find((purpose) => purpose !== 'test' && purpose !== 'bench')
  if (unknown !== undefined || purposes.length === 0) {
    console.error('Usage: node tools/services.ts [test] [bench]')
    process.exitCode = 2
  } else if ((await ensureServices(purposes as Purpose[])).length > 0) {
    process.exitCode = 1
  }
}
