import { toObject, type Values } from '../entry.ts'

/** `manage.py dumpdata auth.user`. A password that is not usable begins with `!`. */
export function fromDjango({ fields }: Values): Values {
  const { username, email, password, is_active, date_joined } = toObject(fields)
  const isUsable = typeof password === 'string' && password !== '' && !password.startsWith('!')
  return {
    username,
    ...(email !== '' && { email }),
    ...(isUsable && { passwordHash: password }),
    disabled: is_active === false,
    createdAt: date_joined,
  }
}
