import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreError } from '../ports/store-error.ts'
import { parseConnectionUrl } from './connection-url.ts'

test('another machine is spoken to over verified TLS unless the URL says otherwise; this one is not', () => {
  const tls = (url: string) => parseConnectionUrl(url).config.ssl
  assert.deepEqual(tls('postgres://db.example.com/shop'), { rejectUnauthorized: true })
  assert.deepEqual(tls('postgres://db.example.com/shop?sslmode=require'), { rejectUnauthorized: true })
  assert.deepEqual(tls('postgres://db.example.com/shop?sslmode=no-verify'), { rejectUnauthorized: false })
  assert.equal(tls('postgres://db.example.com/shop?sslmode=disable'), false)
  for (const host of ['localhost', '127.0.0.1', '[::1]']) assert.equal(tls(`postgres://${host}/shop`), false)
  assert.equal(tls('postgres:///shop?host=/run/postgresql'), false)
  assert.deepEqual(tls('postgres://localhost/shop?sslmode=verify-full'), { rejectUnauthorized: true })
})

test('its parts are read, and messages name it without user and password', () => {
  const { config, name } = parseConnectionUrl('postgresql://shop%40x:p%3Aw%2F@db.example.com:6432/orders')
  assert.equal(config.user, 'shop@x')
  assert.equal(config.password, 'p:w/')
  assert.equal(config.host, 'db.example.com')
  assert.equal(name, 'PostgreSQL at db.example.com:6432/orders')
})

test('what it is not is said, and never repeated', () => {
  for (const [url, problem] of [
    ['mysql://u:hunter2@db/shop', /no URL such as/],
    ['hunter2', /no URL such as/],
    ['postgres://u:hunter2@db', /names no database/],
    ['postgres://u:hunter2@db/shop?sslmode=prefer', /sslmode is not one of/],
    ['postgres://u:hunter2@db/shop?sslrootcert=/nowhere.pem', /nowhere.pem cannot be read \(ENOENT\)/],
    ['postgres://u:hunter2@db/shop?statement_timeout=0', /parameter "statement_timeout"/],
    ['postgres://u:hunter2%zz@db/shop', /stands for nothing/],
  ] as const) {
    assert.throws(
      () => parseConnectionUrl(url),
      (error: unknown) => {
        assert.ok(error instanceof StoreError)
        assert.doesNotMatch(error.message, /hunter2/)
        return problem.test(error.message)
      },
      url,
    )
  }
})
