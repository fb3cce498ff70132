/** Who acts for the subject of a token, and who acted before (RFC 8693 section 4.1). */
export interface Actor {
  readonly sub: string
  readonly act?: Actor
}

/** Longer ones say that something goes round in circles. */
const maxActors = 4

const actors = new WeakMap<object, Actor>()

/** Has a token that is about to be issued say who acts. */
export function noteActor(token: object, actor: Actor | undefined): void {
  if (actor !== undefined) actors.set(token, actor)
}

export function actorOf(token: object): Actor | undefined {
  return actors.get(token)
}

/** A new actor in front of those before; null where they are too many. */
export function addActor(sub: string, before: Actor | undefined): Actor | null {
  let count = 1
  for (let one = before; one !== undefined; one = one.act) count++
  if (count > maxActors) return null
  return before === undefined ? { sub } : { sub, act: before }
}
