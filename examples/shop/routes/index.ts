import type { Routes } from '../call.ts'
import type { ShopParts } from '../parts.ts'
import { adminRoutes } from './admin.ts'
import { customerRoutes } from './customers.ts'
import { debugRoutes } from './debug.ts'
import { healthRoutes } from './health.ts'
import { liveRoutes } from './live.ts'
import { loginRoutes } from './login.ts'
import { orderRoutes } from './orders.ts'
import { productRoutes } from './products.ts'
import { reviewRoutes } from './reviews.ts'
import { searchRoutes } from './search.ts'
import { uploadRoutes } from './uploads.ts'

/** Everything the shop answers, except the WebSocket itself. */
export const createRoutes = (parts: ShopParts): Routes => ({
  ...healthRoutes(),
  ...productRoutes(parts),
  ...searchRoutes(parts),
  ...reviewRoutes(parts),
  ...loginRoutes(parts),
  ...orderRoutes(parts),
  ...customerRoutes(parts),
  ...uploadRoutes(parts),
  ...liveRoutes(),
  ...adminRoutes(parts),
  ...debugRoutes(),
})
