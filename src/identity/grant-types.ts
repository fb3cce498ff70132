/** Grants that are called by an address (RFC 8628 section 3.4, RFC 8693 section 2.1). */
export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code'
export const exchangeGrantType = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** What tokens are called (RFC 8693 section 3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
export const jwtType = 'urn:ietf:params:oauth:token-type:jwt'
