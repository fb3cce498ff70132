import { registerHooks } from 'node:module'

/** Loaded before the shop's own tests, it puts the shop that they start behind Portcullis. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const isTest = context.parentURL?.endsWith('/examples/shop/shop.test.ts') === true
    return isTest && specifier === './shop.ts'
      ? nextResolve(new URL('fronted-shop.ts', import.meta.url).href, context)
      : nextResolve(specifier, context)
  },
})
