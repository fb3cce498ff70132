import type { ContractOptions } from '../../contract/compile-contract.ts'
import { listAttacks } from '../../contract/sample/list-attacks.ts'
import { sampleRequest } from '../../contract/sample/sample-request.ts'
import type { Probe, ProbeSample, ProbeTarget } from '../../core/probe.ts'
import type { OperationContract } from '../../openapi/operation.ts'
import { createAnswerProbes } from './answer-probes.ts'
import { toContractOptions } from './compile-options.ts'
import type { ValidateOptions } from './options.ts'
import { findProbed } from './probed-operation.ts'
import type { GatheredSchemas } from './schemas-block.ts'
import { toOperation, usesStandard } from './to-operation.ts'
import { toProbeRequest } from './to-probe-request.ts'

export function createProbes(options: ValidateOptions, target: ProbeTarget): readonly Probe[] {
  if (options.openapi !== undefined) {
    const probed = findProbed(options, target)
    if (probed === null) return []
    const { operation } = probed
    return [
      ...createContractProbes(operation, toContractOptions(options), probed.target),
      ...createAnswerProbes(operation, options, probed.target),
    ]
  }
  if (usesStandard(options)) return []
  const $defs = target.block?.<GatheredSchemas | undefined>('schemas')?.$defs ?? {}
  return createContractProbes(toOperation(options, $defs), toProbedOptions(options, target), target)
}

/** As the policy reads them: what stands under `defaults` says nothing of what it does not list. */
function toProbedOptions(options: ValidateOptions, { inDefaults }: ProbeTarget): ContractOptions {
  const strict = toContractOptions(options)
  return inDefaults ? { ...strict, unknownQuery: 'ignore', unknownCookies: 'ignore', unlistedBody: 'ignore' } : strict
}

export function createSample(options: ValidateOptions, target: ProbeTarget): ProbeSample | null {
  if (options.openapi !== undefined) {
    const probed = findProbed(options, target)
    const made = probed && sampleRequest(probed.operation, toContractOptions(options))
    return made === null ? null : toProbeRequest(made, probed?.target ?? target)
  }
  if (usesStandard(options)) return null
  const $defs = target.block?.<GatheredSchemas | undefined>('schemas')?.$defs ?? {}
  const sample = sampleRequest(toOperation(options, $defs), toContractOptions(options))
  return sample === null ? null : toProbeRequest(sample, target)
}

/**
 * An honest request that is made up from the schemas, and attacks that change one thing of it. Where no honest one can
 * be made up, attacks would prove nothing: they could be refused for what is wrong with the rest.
 */
export function createContractProbes(
  operation: OperationContract,
  options: ContractOptions,
  target: ProbeTarget,
): readonly Probe[] {
  const sample = sampleRequest(operation, options)
  if (sample === null || (sample.body !== null && !takesBody(target))) return []
  // Another policy knows better which bytes pass, and sends them.
  if (sample.body !== null && target.others?.some(({ body }) => body !== undefined) === true) return []
  const honest: Probe = {
    name: 'a request that meets the contract passes',
    kind: 'honest',
    requests: [toProbeRequest(sample, target)],
    expect: { outcome: 'passed' },
  }
  const attacks = listAttacks(operation, sample, options)
    .filter(({ request }) => request.body === null || takesBody(target))
    .map(
      ({ name, request }): Probe => ({
        name,
        kind: 'attack',
        standard: 'v5.0.0-2.2.1',
        requests: [toProbeRequest(request, target)],
        expect: target.observe
          ? { outcome: 'passed' }
          : {
              outcome: 'refused',
              problem: ['invalid_content', 'malformed_request', 'unsupported_media_type', 'content_too_large'],
            },
      }),
    )
  return [honest, ...attacks]
}

/** Clients and servers do not agree on what a body of GET or HEAD means, so that no probe sends one. */
function takesBody({ method }: ProbeTarget): boolean {
  return method !== 'GET' && method !== 'HEAD'
}
