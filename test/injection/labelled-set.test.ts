import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultThreshold, injectionClasses } from '../../src/injection/finding.ts'
import { composeTexts } from './composed-texts.ts'
import { honestTexts, hostileSamples, judgeSample, type Sample } from './samples.ts'

const isRefused = (sample: Sample) => (judgeSample(sample)?.score ?? 0) >= defaultThreshold
const refusedOf = (texts: readonly string[]) => texts.filter((text) => isRefused({ kind: 'value', text }))
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`

describe('the labelled set, at the default threshold', () => {
  const written = [...new Set([...honestTexts('honest').values()].flat())]
  const honest = [...new Set([...written, ...composeTexts()])]

  test('honest texts pass', (t) => {
    assert.ok(written.length >= 1500, `${written.length} written by hand`)
    assert.ok(honest.length >= 5000, `${honest.length} in all`)
    const refused = refusedOf(honest)
    t.diagnostic(`honest: ${refused.length} of ${honest.length} refused, ${percent(refused.length, honest.length)}`)
    assert.ok(refused.length <= honest.length * 0.001, refused.join('\n'))
  })

  test('so do those that were written after the detectors', (t) => {
    const later = [...new Set([...honestTexts('held-out').values()].flat())]
    const refused = refusedOf(later)
    t.diagnostic(`held out: ${refused.length} of ${later.length} refused, ${percent(refused.length, later.length)}`)
    assert.ok(later.length >= 100)
    assert.ok(refused.length <= later.length * 0.01, refused.join('\n'))
  })

  test('no honest text is an attack as a name either', () => {
    const refused = written.filter((text) => isRefused({ kind: 'name', text }))
    assert.ok(refused.length <= written.length * 0.002, refused.join('\n'))
  })

  for (const kind of injectionClasses) {
    test(`attacks are refused: ${kind}`, (t) => {
      const samples = hostileSamples(kind)
      assert.ok(samples.length >= 200, `${samples.length} attacks`)
      const refused = samples.filter(isRefused)
      t.diagnostic(
        `${kind}: ${refused.length} of ${samples.length} refused, ${percent(refused.length, samples.length)}`,
      )
      assert.ok(refused.length >= samples.length * 0.9)
    })
  }
})
