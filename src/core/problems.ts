/** What a caller may be told. Private codes map many-to-one onto these. */
export interface PublicProblem {
  readonly status: number
  readonly title: string
}

/** The public problems. A code is stable: clients may depend on it. */
export const publicProblems = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A valid credential is required' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  https_required: { status: 403, title: 'This API is served over HTTPS only' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  content_too_large: { status: 413, title: 'The request body is too large' },
  uri_too_long: { status: 414, title: 'The request URL is too long' },
  unsupported_media_type: { status: 415, title: 'The content type or encoding is not accepted' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  misdirected_request: { status: 421, title: 'This server does not answer for that host' },
  invalid_content: { status: 422, title: 'The request does not meet the contract' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request header is too large' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  method_not_implemented: { status: 501, title: 'The method is not implemented' },
  bad_gateway: { status: 502, title: 'The service behind this address gave no usable answer' },
  unavailable: { status: 503, title: 'The service is not available at the moment' },
  gateway_timeout: { status: 504, title: 'The service behind this address did not answer in time' },
  http_version_not_supported: { status: 505, title: 'The HTTP version is not supported' },
} as const satisfies Record<string, PublicProblem>

export type PublicCode = keyof typeof publicProblems

/** One private code: the public one it is shown as, and what the operator should check. */
export interface ProblemCode {
  readonly public: PublicCode
  /** One sentence for the operator: when this happens and what to look at. */
  readonly meaning: string
}

export type ProblemCodes = Readonly<Record<string, ProblemCode>>

/** The codes of the core and the gateway; every policy adds its own. */
export const coreCodes = {
  malformed_request: {
    public: 'malformed_request',
    meaning: 'The request is not valid HTTP, or a field that may stand once was repeated.',
  },
  version_not_supported: {
    public: 'http_version_not_supported',
    meaning: 'The request is in another version of HTTP than 1.0 and 1.1; HTTP/2 is negotiated over TLS.',
  },
  request_smuggling: {
    public: 'malformed_request',
    meaning: 'The framing is ambiguous (RFC 9112 section 6.1): two lengths, or a length and a transfer coding.',
  },
  host_invalid: { public: 'malformed_request', meaning: 'The Host field is missing, repeated or not a host name.' },
  path_invalid: {
    public: 'malformed_request',
    meaning:
      'The path holds a dot segment, backslash, NUL, encoded slash or broken escape, and the route does not allow it.',
  },
  path_ambiguous: {
    public: 'malformed_request',
    meaning: 'Read without case, trailing slash or `;` parameters, the path belongs to another route.',
  },
  header_too_large: { public: 'headers_too_large', meaning: 'The header section is larger than the listener reads.' },
  uri_too_long: { public: 'uri_too_long', meaning: 'The request target is longer than allowed.' },
  no_route: { public: 'not_found', meaning: 'No route matches host and path; what is not listed is refused.' },
  method_not_allowed: { public: 'method_not_allowed', meaning: 'Routes match the path, but none of them the method.' },
  method_not_implemented: { public: 'method_not_implemented', meaning: 'The method is CONNECT, TRACE or unknown.' },
  misdirected_request: { public: 'misdirected_request', meaning: 'No route answers for this host.' },
  https_required: {
    public: 'https_required',
    meaning: 'An API call came over plain HTTP; a credential in it counts as exposed.',
  },
  credential_missing: { public: 'unauthenticated', meaning: 'The route asks for a credential and none came.' },
  credential_ambiguous: { public: 'unauthenticated', meaning: 'Two credentials came with one request.' },
  credential_ended: {
    public: 'unauthenticated',
    meaning:
      'A WebSocket, an event stream or a long answer was cut because the credential of its caller ended or was revoked.',
  },
  credential_bound: {
    public: 'unauthenticated',
    meaning:
      'The credential is bound to a key or a client certificate (`cnf`) that was not proved: it was stolen, or the route lacks the policy `dpop` or a listener that asks for client certificates.',
  },
  request_timeout: {
    public: 'request_timeout',
    meaning: 'The header or body did not arrive in time, or slower than the minimum rate.',
  },
  body_too_large: {
    public: 'content_too_large',
    meaning: 'The body is larger than the route allows or than can be held for checking.',
  },
  body_incomplete: { public: 'malformed_request', meaning: 'The client ended the body before its declared length.' },
  expectation_failed: { public: 'expectation_failed', meaning: 'An `Expect` other than 100-continue came.' },
  upgrade_refused: {
    public: 'malformed_request',
    meaning: 'An upgrade other than a WebSocket handshake, or a broken one, came.',
  },
  policy_fault: { public: 'internal_error', meaning: 'A policy threw; the log has the error under the request id.' },
  policy_timeout: { public: 'unavailable', meaning: 'A policy did not decide in time.' },
  dependency_down: {
    public: 'unavailable',
    meaning: 'Something that a policy needs (a store, an issuer) cannot be reached.',
  },
  internal_error: {
    public: 'internal_error',
    meaning: 'A fault in Portcullis or in the embedding handler; the log has it under the request id.',
  },
  upstream_refused: { public: 'bad_gateway', meaning: 'No target of the upstream accepted a connection.' },
  upstream_reset: { public: 'bad_gateway', meaning: 'The target closed the connection before it had answered.' },
  upstream_invalid: {
    public: 'bad_gateway',
    meaning: 'The target answered something that is not valid HTTP, or too large a header.',
  },
  answer_not_held: {
    public: 'bad_gateway',
    meaning:
      'A policy of the route reads answers whole, and this one is an event stream or longer than 8 MiB: give such answers a route without that policy.',
  },
  upstream_certificate: { public: 'bad_gateway', meaning: 'The certificate of the target could not be verified.' },
  upstream_unavailable: { public: 'unavailable', meaning: 'Every target is unhealthy or its circuit is open.' },
  upstream_overloaded: {
    public: 'unavailable',
    meaning: 'Every connection to the upstream is taken and the queue is full.',
  },
  upstream_timeout: {
    public: 'gateway_timeout',
    meaning: 'The target did not connect, answer or go on sending in time.',
  },
  upstream_error: { public: 'internal_error', meaning: 'The target answered 5xx; its body is not passed on.' },
  admin_host_unknown: {
    public: 'misdirected_request',
    meaning:
      'The admin listener was asked for a host that is not its own, as a page that rebinds a name does; names that are right stand under `listen.admin.names`.',
  },
  metrics_token_wrong: {
    public: 'unauthenticated',
    meaning:
      'Metrics were asked for without the bearer token that stands in `metrics.token` in the data folder, or with another one.',
  },
  overloaded: { public: 'unavailable', meaning: 'The gateway is at its connection limit or stopping.' },
} as const satisfies ProblemCodes

export type CoreCode = keyof typeof coreCodes
