import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretName, isSecretParameter } from './secret-names.ts'

const secret = [
  'authorization',
  'Proxy-Authorization',
  'cookie',
  'Set-Cookie',
  'password',
  'newPassword',
  'password_confirmation',
  'passwd',
  'user[password]',
  'password[]',
  'user.password',
  'login[0][password]',
  'db_pwd',
  'client_secret',
  'clientSecret',
  'access_token',
  'refreshToken',
  'x-api-key',
  'apiKey',
  'api_key',
  'private-key',
  'aws_access_key',
  'sessionId',
  'session',
  'sid',
  'otp',
  'user_code',
  'card_pin',
  'cardNumber',
  'card-cvc',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'client_assertion',
  'SAMLResponse',
  'accessTokens',
  'tokenValue',
  'id_token_hint',
  'dbPass',
  'userPin',
  'cardCvv',
  'PHPSESSID',
  'connect.sid',
  'XSRF-TOKEN',
  'AccountKey',
  'Ocp-Apim-Subscription-Key',
  'code_verifier',
  'mfaCode',
  `${'deep.'.repeat(100)}password`,
]
const harmless = [
  'user-agent',
  'content-type',
  'referer',
  'accept',
  'path',
  'bypass',
  'compass',
  'passenger',
  'keyId',
  'keyword',
  'author',
  'state',
  'code',
  'status',
  'spin',
  'company',
  'descendant',
  'thread',
  'requestId',
  'key',
  'apiKeyId',
  'tokenType',
  'token_endpoint',
  'possession',
  'secretary',
  'status_code',
]

test('names of secrets are known however they are written', () => {
  assert.deepEqual(
    secret.filter((name) => !isSecretName(name)),
    [],
  )
  assert.deepEqual(
    secret.filter((name) => !isSecretParameter(name)),
    [],
  )
})

test('ordinary names stay readable', () => {
  assert.deepEqual(
    harmless.filter((name) => isSecretName(name)),
    [],
  )
})

test('what means something harmless elsewhere is secret as a parameter', () => {
  for (const name of ['code', 'state', 'nonce', 'sig', 'hmac', 'key', 'oauth[code]']) {
    assert.ok(isSecretParameter(name), name)
    assert.ok(!isSecretName(name), name)
  }
})
