/** What a login has to be beyond the usual: how strong, how new (OpenID Connect Core section 3.1.2.1). */
export interface Demands {
  readonly acr_values?: string
  readonly max_age?: string
}

const acrValues = /^[!#-[\]-~]{1,100}(?: [!#-[\]-~]{1,100}){0,9}$/
const maxAge = /^\d{1,9}$/
const challengeForm = /^Bearer error="insufficient_user_authentication"/
/** After a login that was demanded, the same is not demanded again: an issuer that cannot do it would send people in circles. */
const patienceMs = 60_000

/** Those of a query; what is none is left out, as it would only make the issuer refuse. */
export function readDemands(query: URLSearchParams): Demands {
  return pick(query.get('acr_values'), query.get('max_age'))
}

/** Those of a challenge by RFC 9470; null where it is none. */
export function parseChallenge(challenge: string | undefined): Demands | null {
  if (challenge === undefined || !challengeForm.test(challenge)) return null
  const read = (name: string) => new RegExp(`, ${name}="([^"]*)"`).exec(challenge)?.[1] ?? null
  return pick(read('acr_values'), read('max_age'))
}

/** Whether a login of just now was asked for the same, so that another one would end no better. */
export function wasAsked(
  demands: Demands,
  { asked, at }: { readonly asked: Demands; readonly at: number },
  now: number,
): boolean {
  return now - at < patienceMs && asked.acr_values === demands.acr_values && asked.max_age === demands.max_age
}

function pick(acr: string | null, age: string | null): Demands {
  return {
    ...(acr !== null && acrValues.test(acr) && { acr_values: acr }),
    ...(age !== null && maxAge.test(age) && { max_age: age }),
  }
}
