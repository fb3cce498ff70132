export type Purpose = 'test' | 'bench'

export type Service = {
  /** The program that is run. */
  readonly program: string
  /** The Debian package that brings it. */
  readonly apt: string
  /** The Homebrew formula that brings it. */
  readonly brew: string
  /** Where macOS has it, as an application that is on nobody's PATH. */
  readonly macApp?: string
  readonly neededBy: readonly Purpose[]
}

/** Every program from outside npm that tests and measurements run. A test that needs another adds it here. */
export const services = {
  curl: { program: 'curl', apt: 'curl', brew: 'curl', neededBy: ['test'] },
  openssl: { program: 'openssl', apt: 'openssl', brew: 'openssl@3', neededBy: ['test'] },
  chromium: {
    program: 'chromium',
    apt: 'chromium',
    brew: 'google-chrome',
    macApp: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    neededBy: ['test'],
  },
  nghttp: { program: 'nghttp', apt: 'nghttp2-client', brew: 'nghttp2', neededBy: ['test'] },
  nginx: { program: 'nginx', apt: 'nginx-light', brew: 'nginx', neededBy: ['bench'] },
  haproxy: { program: 'haproxy', apt: 'haproxy', brew: 'haproxy', neededBy: ['bench'] },
  // The newest one that is installed; `initdb` stands beside it.
  postgres: { program: 'postgres', apt: 'postgresql', brew: 'postgresql@17', neededBy: ['test', 'bench'] },
  prometheus: { program: 'prometheus', apt: 'prometheus', brew: 'prometheus', neededBy: ['test'] },
  promtool: { program: 'promtool', apt: 'prometheus', brew: 'prometheus', neededBy: ['test'] },
  clamd: { program: 'clamd', apt: 'clamav-daemon', brew: 'clamav', neededBy: ['test'] },
  wrk: { program: 'wrk', apt: 'wrk', brew: 'wrk', neededBy: ['test', 'bench'] },
} as const satisfies Record<string, Service>

export type ServiceName = keyof typeof services

export function servicesFor(purposes: readonly Purpose[]): Service[] {
  return Object.values<Service>(services).filter(({ neededBy }) => neededBy.some((it) => purposes.includes(it)))
}

/** The commands that install `missing`, for those who have to type them. */
export function howToInstall(missing: readonly Service[]): string {
  const list = (names: readonly string[]) => [...new Set(names)].join(' ')
  return [
    `Missing: ${missing.map(({ program }) => program).join(', ')}. Install with`,
    `  apt-get install --no-install-recommends ${list(missing.map(({ apt }) => apt))}    (Debian, Ubuntu; as root)`,
    `  brew install ${list(missing.map(({ brew }) => brew))}    (macOS)`,
  ].join('\n')
}
