/** How long somebody has to wait, in words: `1 second`, `12 Minuten`. */
export function tellWait(language: string, seconds: number): string {
  const [unit, count] = seconds < 90 ? (['second', seconds] as const) : (['minute', Math.ceil(seconds / 60)] as const)
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}
