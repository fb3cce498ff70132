import type { Fields } from '../../core/fields.ts'
import type { CsrfOptions } from './options.ts'

/** Adds what the upstream's cookies lack; what it says of one itself stays. */
export function createHardener({
  sameSite,
  httpOnly,
  except,
}: NonNullable<CsrfOptions['harden']>): (headers: Fields) => void {
  const suffix = `; SameSite=${sameSite === 'strict' ? 'Strict' : 'Lax'}`

  function harden(cookie: string): string {
    const [pair = '', ...attributes] = cookie.split(';')
    const names = new Set(attributes.map((text) => (text.split('=', 1)[0] as string).trim().toLowerCase()))
    const name = (pair.split('=', 1)[0] as string).trim()
    const hides = httpOnly && !names.has('httponly') && !except.includes(name)
    return (
      cookie +
      (names.has('samesite') ? '' : suffix) +
      (names.has('secure') ? '' : '; Secure') +
      (hides ? '; HttpOnly' : '')
    )
  }

  return ({ flat }) => {
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === 'set-cookie') flat[i + 1] = harden(flat[i + 1] as string)
  }
}
