import { startShop } from './shop.ts'

const { SHOP_PORT = '3000', SHOP_DATABASE, SHOP_JWKS } = process.env

if (!/^\d{1,5}$/.test(SHOP_PORT)) {
  console.error(`SHOP_PORT has to be a port number, not "${SHOP_PORT}".`)
  process.exit(2)
}

const shop = await startShop({
  port: Number(SHOP_PORT),
  ...(SHOP_DATABASE && { databasePath: SHOP_DATABASE }),
  ...(SHOP_JWKS && { jwksUrl: SHOP_JWKS }),
})
console.log(`ready ${shop.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => shop.close())
