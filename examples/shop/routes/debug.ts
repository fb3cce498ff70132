import type { Routes } from '../call.ts'

export const debugRoutes = (): Routes => ({
  // Left over from the day the error page was built; it shows the stack, as every fault here does.
  'GET /debug/error': () => {
    throw new Error('The database at db.internal:5432 refused the password of user "shop".')
  },
})
