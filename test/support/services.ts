import type { TestContext } from 'node:test'
import { howToInstall, type Service, type ServiceName, services } from '../../tools/services/catalog.ts'
import { findService } from '../../tools/services/find-program.ts'

/**
 * The path of a program from outside npm that a test runs, such as `nginx`. Where it is not installed the test is
 * skipped by name and gets `undefined`: `const nginx = requireService(t, 'nginx'); if (!nginx) return`.
 * With `CI=true` it throws, so that nothing goes untested there unseen.
 */
export function requireService(t: TestContext, name: ServiceName): string | undefined {
  const service: Service = services[name]
  const path = findService(service)
  if (path !== undefined) return path
  if (process.env.CI === 'true') throw new Error(howToInstall([service]))
  t.skip(`needs ${service.program} (apt-get install ${service.apt})`)
  return undefined
}
