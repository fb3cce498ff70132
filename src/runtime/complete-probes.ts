import type { Probe, ProbeRequest, ProbeSample, ProbeTarget } from '../core/probe.ts'

/**
 * Makes probes with what other policies of the route ask of every request put in where it is missing, so that an honest
 * one passes and an attack is refused for what it shows.
 */
export function completeProbes(
  target: ProbeTarget,
  samples: readonly ProbeSample[],
  create: (target: ProbeTarget) => readonly Probe[],
): readonly Probe[] {
  const path = samples.find((sample) => sample.path !== target.path)?.path ?? target.path
  const probes = create({ ...target, path, ...(samples.length > 0 && { others: samples }) })
  if (samples.length === 0) return probes
  return probes.map((probe) => ({
    ...probe,
    requests: probe.requests.map((request) =>
      samples.reduce<ProbeRequest>((all, sample) => complete(all, sample, path), request),
    ),
  }))
}

function complete(request: ProbeRequest, sample: ProbeSample, path: string): ProbeRequest {
  // Another path is another route, such as a policy's own endpoint.
  if (request.raw !== undefined || request.toEndpoint || request.path !== path || request.method === 'OPTIONS')
    return request
  const query = [request.query ?? '', sample.query ?? ''].filter((one) => one !== '').join('&')
  const { headers = [], body } = request
  const isBodyless = request.method === 'GET' || request.method === 'HEAD'
  const own = body ?? (isBodyless ? undefined : sample.body)
  const isNew = body === undefined && own !== undefined
  const more = (sample.headers ?? []).filter(
    ([name]) =>
      (isNew || name !== 'content-type') && !headers.some(([one]) => one.toLowerCase() === name.toLowerCase()),
  )
  return { ...request, query, headers: [...headers, ...more], ...(own !== undefined && { body: own }) }
}
