import { trimBlanks } from './octets.ts'

/** What `Connection` says (RFC 9110 section 7.6.1). */
export interface ConnectionOptions {
  close: boolean
  keepAlive: boolean
  upgrade: boolean
  /** The fields that it names: they are for this connection only. */
  named: string[] | null
}

export const noOptions: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, named: null }

const keepAliveOnly: ConnectionOptions = { ...noOptions, keepAlive: true }

export function readOptions(value: string): ConnectionOptions {
  if (value === 'keep-alive') return keepAliveOnly
  const options: ConnectionOptions = { close: false, keepAlive: false, upgrade: false, named: null }
  for (const part of value.split(',')) {
    const option = trimBlanks(part).toLowerCase()
    if (option === 'keep-alive') options.keepAlive = true
    else if (option === 'close') options.close = true
    else if (option === 'upgrade') options.upgrade = true
    else if (option !== '') {
      options.named ??= []
      options.named.push(option)
    }
  }
  return options
}
