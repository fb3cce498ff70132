import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toSafeFileName } from '../../../sanitize/file-name.ts'
import { checkName } from './check-name.ts'

test('names that people give pass', () => {
  for (const name of [
    ...[
      'photo.png',
      'IMG_20240101_120000.JPG',
      'Lebenslauf (final) v2.1.pdf',
      'archive.tar.gz',
      'résumé.docx',
      "O'Brien.txt",
    ],
    ...[
      '数据.csv',
      'отчёт 2024.xlsx',
      'Αναφορά.pdf',
      'تقرير.pdf',
      'Ann & Bob – list, №3.txt',
      'a+b=c@home#1.txt',
      '東京-Tokyo.png',
    ],
    ...[
      'Screenshot 2024-01-01 at 12.00.00.png',
      'console.log',
      '日本 – нота.txt',
      'con.fig.txt',
      '100%.txt',
      'family 👪.png',
    ],
    ...['❤️ 👨‍👩‍👧 1️⃣.png', 'می‌خواهم.pdf', 'क्‍ष.txt'],
  ]) {
    assert.equal(checkName(name)?.rule ?? null, name === 'con.fig.txt' ? 'nameReserved' : null, name)
  }
})

test('names that some system takes for something else are refused', () => {
  for (const [name, rule] of [
    ['../a.png', 'nameCharacters'],
    ['a/b.png', 'nameCharacters'],
    ['a\\b.png', 'nameCharacters'],
    ['C:a.png', 'nameCharacters'],
    ['a.png\0.php', 'nameCharacters'],
    ['a\r\nb.png', 'nameCharacters'],
    ['a.php::$DATA', 'nameCharacters'],
    ['a\u202egnp.exe.png', 'nameCharacters'],
    ['a\u200b.png', 'nameCharacters'],
    ['a\u200db.png', 'nameCharacters'],
    ['a\uff0fb.png', 'nameCharacters'],
    ['a\u2024php.png', 'nameCharacters'],
    ['a\ufffd.png', 'nameCharacters'],
    ['e\u0301.png', 'nameForm'],
    ['pаypal.png', 'nameScripts'],
    ['.htaccess', 'nameEnds'],
    ['a.png.', 'nameEnds'],
    ['a.png ', 'nameEnds'],
    ['CON.png', 'nameReserved'],
    ['com1.txt', 'nameReserved'],
    ['---.png', 'name'],
    ['', 'name'],
    ['README', 'extension'],
    ['shell.php.png', 'doubleExtension'],
    ['shell.PhP.png', 'doubleExtension'],
    ['page.html.txt', 'doubleExtension'],
    ['shell.asp;.png', 'doubleExtension'],
    ['shell.asp;x.png', 'doubleExtension'],
    ['shell.php%00.png', 'doubleExtension'],
    ['setup.exe          .png', 'doubleExtension'],
    ['shell.php~.png', 'doubleExtension'],
    [`${'a'.repeat(252)}.png`, 'nameLength'],
  ] as const) {
    assert.equal(checkName(name)?.rule, rule, JSON.stringify(name))
  }
})

test('a space of any kind at an end, and a mark that something hidden kept apart, are made safe', () => {
  for (const name of ['\u2003', '\u2003a.png', 'a.png\u1680', 'e\u034f\u0301.png']) {
    const rule = checkName(toSafeFileName(name))?.rule
    assert.ok(rule === undefined || rule === 'name' || rule === 'extension', `${JSON.stringify(name)}: ${rule}`)
  }
})

test('a name that was made safe keeps every rule but that of its extension', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('', '.php.png', '.', ' ', '/..', 'con.'),
      (text, more) => {
        const rule = checkName(toSafeFileName(`${text}${more}`))?.rule ?? null
        assert.ok(
          rule === null || ['extension', 'name', 'nameScripts'].includes(rule),
          `${rule}: ${JSON.stringify(text)}`,
        )
      },
    ),
    { numRuns: 5000 },
  )
})
