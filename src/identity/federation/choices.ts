import type { ProvidersOptions } from './options.ts'

/** What the presets are called on buttons. */
export const presetLabels: Readonly<Record<string, string>> = {
  google: 'Google',
  github: 'GitHub',
  microsoft: 'Microsoft',
  apple: 'Apple',
  facebook: 'Facebook',
}

/** What people choose from, in the order of the policy file. */
export function toChoices(providers: ProvidersOptions): { readonly name: string; readonly label: string }[] {
  return Object.entries(providers).map(([name, options]) => ({ name, label: toLabel(name, options?.label) }))
}

export function toLabel(name: string, label: string | undefined): string {
  return label ?? (Object.hasOwn(presetLabels, name) ? (presetLabels[name] as string) : name)
}
