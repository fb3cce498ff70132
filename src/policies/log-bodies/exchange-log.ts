/** What this policy has to know of the block `log`, which belongs to the log itself. */
interface LogBlock {
  readonly level: string
  readonly access: boolean
}

/** Whether exchanges have lines at all: without them, nobody could tell whose body it was. */
export function isExchangeLogged(block: <T>(key: string) => T): boolean {
  const log = block<LogBlock | undefined>('log')
  return log === undefined || (log.access && log.level === 'info')
}
