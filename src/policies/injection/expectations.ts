import type { InjectionClass } from '../../injection/finding.ts'

/** What a caller is told instead of what was seen. */
export const expectations: Readonly<Record<InjectionClass, string>> = {
  sql: 'no SQL that leaves its value',
  xss: 'no markup that runs something',
  shell: 'no command behind a value',
  path: 'no path that leaves its folder',
  template: 'no expression of a template',
  nosql: 'no operator of a database',
  ldap: 'no filter that is closed and opened again',
  xpath: 'no path into a document',
  header: 'one line without fields behind it',
  log: 'one line without control sequences or look-ups',
  mail: 'one line without fields behind it',
  ssrf: 'a URL of a public address, without a user name',
  object: 'no serialised object',
  xml: 'no external or nested entities',
}
