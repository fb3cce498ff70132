import { EntryError, toObject, type Values } from '../entry.ts'

/** `manage.py dumpdata auth.user`. A password that is not usable begins with `!`. */
export function fromDjango({ model, fields }: Values): Values {
  // `dumpdata auth` holds groups and permissions as well.
  if (toObject(fields).password === undefined)
    throw new EntryError(`it is no user but ${JSON.stringify(model)}: dump the model of users alone`)
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
