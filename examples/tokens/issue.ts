// Plays the issuer and a client: `node issue.ts keys.json` makes keys, and prints tokens and a proof for the shell.
import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'

const [file = 'keys.json', url = 'http://127.0.0.1:8080/payments'] = process.argv.slice(2)
const issuer = await generateKeyPair('ES256')
const client = await generateKeyPair('ES256')
const jwk = await exportJWK(client.publicKey)
writeFileSync(
  file,
  JSON.stringify({ keys: [{ ...(await exportJWK(issuer.publicKey)), kid: 'example', alg: 'ES256' }] }),
)

const issue = (claims: Record<string, unknown>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: 'example', typ: 'at+jwt' })
    .setIssuer('https://login.example.com/')
    .setAudience('shop')
    .setSubject('customer-7')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(issuer.privateKey)

const bearer = await issue({ jti: 'token-1' })
const bound = await issue({ jti: 'token-2', cnf: { jkt: await calculateJwkThumbprint(jwk) } })
const proof = await new SignJWT({
  jti: randomUUID(),
  htm: 'GET',
  htu: url,
  ath: createHash('sha256').update(bound).digest('base64url'),
})
  .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
  .setIssuedAt()
  .sign(client.privateKey)

console.log(`BEARER=${bearer}\nBOUND=${bound}\nPROOF=${proof}`)
