export interface TourAddresses {
  /** The unprotected shop. */
  readonly shop: string
  /** Portcullis in front of it. */
  readonly gateway: string
  readonly admin: string
  readonly key: string
  readonly policyFile: string
}

interface Stop {
  readonly title: string
  /** What follows `curl`, for an address and for the credential that goes with it. */
  readonly command: (base: string, credential: string) => string
  readonly without: string
  readonly with: string
}

const stops: readonly Stop[] = [
  {
    title: 'No stack trace leaves the house',
    command: (base, credential) => `curl -sk ${credential}${base}/debug/error`,
    without: 'the stack, with file names',
    with: 'a problem with a request id; the log has the rest',
  },
  {
    title: 'The administrators’ report asks who is calling, and what they may do',
    command: (base, credential) => `curl -sk ${credential}${base}/admin/report`,
    without: 'the figures, for anyone',
    with: '403: the key has the role customer, not admin',
  },
  {
    title: 'Identity comes from a credential, not from a header',
    command: (base) =>
      `curl -sk -H 'Portcullis-Identity: x.eyJzdWIiOiJhbnlvbmUiLCJyb2xlcyI6WyJhZG1pbiJdfQ.x' ${base}/me`,
    without: 'anyone is believed to be an administrator',
    with: '401: the header is dropped, and no credential came',
  },
  {
    title: 'Guessing passwords ends after ten tries a minute',
    command: (base) =>
      `for i in $(seq 12); do curl -sk -o /dev/null -w '%{http_code} ' ${base}/login -H 'Content-Type: application/json' -d '{"email":"customer1@example.com","password":"guess"}'; done; echo`,
    without: '401 for ever',
    with: '401 ten times, then 429',
  },
  {
    title: 'Nobody sets the price of an order',
    command: (base, credential) =>
      `curl -sk ${credential}${base}/orders -H 'Content-Type: application/json' -d '{"customerId":1,"productId":1,"quantity":1,"totalCents":1}'`,
    without: 'an order for one cent',
    with: '422: openapi.yaml lists no totalCents',
  },
  {
    title: 'No search reads what it should not',
    command: (base, credential) =>
      `curl -skG ${credential}${base}/search --data-urlencode "q=' UNION SELECT id, email, passwordHash FROM accounts-- "`,
    without: 'the accounts, with the digests of their passwords',
    with: "422: a search does not look like SQL; `q=O'Brien` passes",
  },
  {
    title: 'A body of 3 MB is refused before anybody holds it in memory',
    command: (base, credential) =>
      `head -c 3000000 /dev/zero | curl -sk ${credential}${base}/reviews --data-binary @- -w '%{http_code}\\n' -o /dev/null`,
    without: 'read to its end',
    with: '413',
  },
  {
    title: 'A program that says it is a picture is none',
    command: (base, credential) =>
      `head -c 60000 /bin/ls | curl -sk ${credential}-H 'Content-Type: image/png' ${base}/uploads --data-binary @-`,
    without: 'stored',
    with: '415: what a file is called decides nothing',
  },
]

/** What `portcullis demo` prints once everything runs. */
export function describeTour({ shop, gateway, admin, key, policyFile }: TourAddresses): string {
  const header = `-H 'X-API-Key: ${key}' `
  const parts = stops.map((stop, at) =>
    [
      `${at + 1}. ${stop.title}`,
      `   unprotected (${stop.without}):`,
      `     ${stop.command(shop, '')}`,
      `   protected (${stop.with}):`,
      `     ${stop.command(gateway, header)}`,
    ].join('\n'),
  )
  return [
    '',
    `The shop, unprotected   ${shop}`,
    `The shop, protected     ${gateway}`,
    `Metrics                 ${admin}/metrics   (bearer token: data/metrics.token beside the policy file)`,
    `The policy file         ${policyFile}   (change it: the gateway follows)`,
    `An API key of this run  ${key}`,
    '',
    'Commands to paste, each with and without the protection:',
    '',
    parts.join('\n\n'),
    '',
    'Attack it with everything that its policies know of, from another terminal:',
    `  npm run portcullis -- prove --config ${policyFile}`,
    '',
    'Ctrl-C stops all.',
  ].join('\n')
}
