/** Names under which a secret stands, wherever they appear. */
const secretNames = new RegExp(
  [
    'authorization$|cookie2?$|credential',
    'passw(?:or)?[dt]|passphrase|passcode|pwd$|^(?:pw|psw|pswd)$|(?:^|[^a-z])pass$',
    'secret(?!ar)|^tokens?(?![a-z]|[-_]?(?:endpoint|type|ur[il]|name|kind|lifetime|ttl|limit|count))',
    'tokens?(?:[-_]?(?:hint|value|hash))?$|[cx]srf$|(?<!s)session(?:[-_]?(?:id|key))?$|sess[-_]?id$|(?:^|[-_])sid$',
    '(?:api|private|access|account|subscription|signing|encryption|master|shared|license)[-_]?keys?(?![-_]?(?:id|name))',
    '(?:security|verification|authorization|recovery|backup|device|user|mfa|otp|sms|factor)[-_]?codes?$|code[-_]?verifier',
    '^(?:pan|ssn|pin|otp|totp)$|(?:^|[-_])(?:otp|pin|cvv2?|cvc2?)$|card[-_]?(?:number|no)$',
    'assertion$|signature$|^saml',
  ].join('|'),
  'i',
)
/** The end of a name such as `userPin`, not of `spin`. */
const secretEnding = /[a-z](?:Pass|Pin|Otp|Cvv|Cvc|Sid)$/

/** Names that hold a secret in a query or a form (OAuth's above all) and mean something harmless elsewhere. */
const secretParameters = /^(?:code|state|nonce|sig|hmac|key|ticket|jwt|auth|auth[-_]?key)$/i

const maxNameLength = 128

/** Whether a value under this name is a secret, whatever it looks like. */
export function isSecretName(name: string): boolean {
  const leaf = toLeaf(name)
  return secretNames.test(leaf) || secretEnding.test(leaf)
}

/** The same for a parameter of a query or a form. */
export function isSecretParameter(name: string): boolean {
  const leaf = toLeaf(name)
  return secretNames.test(leaf) || secretEnding.test(leaf) || secretParameters.test(leaf)
}

/** `user[password]`, `password[]`, `user.password`, `users[password][0]` → `password`. */
function toLeaf(name: string): string {
  const end = name.slice(-maxNameLength)
  if (!/[[.]/.test(end)) return end
  return (
    end
      .split(/[[\].]+/)
      .filter((part) => part !== '' && !/^\d+$/.test(part))
      .at(-1) ?? end
  )
}
