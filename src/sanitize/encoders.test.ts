import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { measureCpu } from '../../test/support/cpu-time.ts'
import {
  chooseSqlIdentifier,
  encodeCssString,
  encodeCsvCell,
  encodeHtml,
  encodeHtmlAttribute,
  encodeJsString,
  encodeLdapDn,
  encodeLdapFilter,
  encodeLogText,
  encodePathSegment,
  encodeShellArgument,
  encodeUrlComponent,
  SanitizeError,
  toSafeFileName,
  toSafeUrl,
} from './index.ts'

const any = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      ...['"', "'", '`', '\\', '<', '>', '&', '/', '\n', '\r', '\0', '\u2028', '$', '{', '*', '-', '=', ' ', '.', 'a'],
    ),
  }),
)
const check = (property: (text: string) => void) => fc.assert(fc.property(any, property), { numRuns: 2000 })

test('a string of JavaScript is the text again, in all quotes, and ends no script', () => {
  const evaluate = (code: string) => new Function(`return ${code}`)()
  check((text) => {
    const encoded = encodeJsString(text)
    for (const quote of ['"', "'", '`']) assert.equal(evaluate(quote + encoded + quote), text)
    assert.doesNotMatch(encoded, /[<>&"'`/\r\n\u2028\u2029]/)
  })
  assert.throws(() => evaluate('"a"; b "'))
})

test('a shell gets one argument, the text itself', () => {
  for (const text of ['', 'a b', "it's", '$(id) `id` $HOME', '; rm -rf /', '*', 'a\nb', '"\\', "'''", '--', '€ 😀']) {
    const command = `for one in ${encodeShellArgument(text)}; do printf '[%s]' "$one"; done`
    assert.equal(execFileSync('sh', ['-c', command], { encoding: 'utf8' }), `[${text}]`)
  }
  // Unencoded, the shell runs it.
  assert.equal(execFileSync('sh', ['-c', 'printf %s $(echo hacked)'], { encoding: 'utf8' }), 'hacked')
  assert.throws(() => encodeShellArgument('a\0b'), SanitizeError)
})

/** RFC 4180, as a program reads it. */
function readCsvRow(line: string): string[] {
  const cells: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y
  for (;;) {
    const match = cell.exec(line)
    if (match === null) throw new Error('no row')
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '') return cells
  }
}

test('a cell of CSV is one cell, and begins no formula', () => {
  check((text) => {
    const [before, cell = '', after, ...more] = readCsvRow(`x,${encodeCsvCell(text)},y`)
    assert.deepEqual([before, after, more], ['x', 'y', []])
    assert.doesNotMatch(cell, /^\s*[=@＝＠|%]/u)
    const kept = text.toWellFormed().replaceAll('\0', '')
    assert.ok(cell === kept || cell === `'${kept}`)
  })
  for (const [value, cell] of [
    ['=1+1', '"\'=1+1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['\t=1', '"\'\t=1"'],
    ['-2+3', '"\'-2+3"'],
    [-5.2, '-5.2'],
    ['+49', '+49'],
    ['1,5', '"1,5"'],
    ["O'Brien", '"O\'Brien"'],
    [null, ''],
    [true, 'true'],
  ] as const) {
    assert.equal(encodeCsvCell(value), cell)
  }
})

test('a line of a log is one line, and shows what was there', () => {
  check((text) => assert.doesNotMatch(encodeLogText(text), /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u))
  assert.equal(encodeLogText('a\r\nINFO forged \u001b[2J\u202e \\n'), 'a\\r\\nINFO forged \\u{1b}[2J\\u{202e} \\\\n')
  assert.equal(encodeLogText('x'.repeat(1003)), `${'x'.repeat(1000)}… (3 more)`)
})

test('a filter and a name of LDAP hold the text and nothing more', () => {
  check((text) => {
    const filter = encodeLdapFilter(text)
    assert.doesNotMatch(filter, /[*()\0]/)
    assert.equal(
      filter.replace(/\\([\da-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      text.toWellFormed(),
    )
    const name = encodeLdapDn(text)
    assert.doesNotMatch(name.replace(/\\([\da-f]{2}|.)/gsu, ''), /[\p{Cc}"+,;<>=\\]/u)
  })
  assert.equal(encodeLdapFilter('*)(uid=*'), '\\2a\\29\\28uid=\\2a')
  assert.equal(encodeLdapDn(' a,b=c '), '\\20a\\,b\\=c\\20')
  assert.equal(encodeLdapDn('#a'), '\\23a')
})

test('parts of a URL stay parts', () => {
  check((text) => {
    const url = new URL(`https://api.example.com/a?x=${encodeUrlComponent(text)}&y=1#end`)
    assert.deepEqual(
      [url.searchParams.get('x'), url.searchParams.get('y'), url.hash],
      [text.toWellFormed(), '1', '#end'],
    )
    if (['', '.', '..'].includes(text)) return
    const path = new URL(`https://api.example.com/a/${encodePathSegment(text)}/b`).pathname
    assert.deepEqual(path.split('/').map(decodeURIComponent), ['', 'a', text.toWellFormed(), 'b'])
  })
  for (const text of ['', '.', '..']) assert.throws(() => encodePathSegment(text), SanitizeError)
})

test('links are of schemes that are no code', () => {
  assert.equal(toSafeUrl('https://example.com/a b'), 'https://example.com/a%20b')
  assert.equal(toSafeUrl('mailto:ann@example.com'), 'mailto:ann@example.com')
  for (const text of [
    ...[
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      ' java\nscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      '//evil.example',
    ],
    ...['https://user:secret@evil.example', '/relative', 'file:///etc/passwd', `https://a/${'x'.repeat(9000)}`],
  ]) {
    assert.equal(toSafeUrl(text), null, text)
  }
})

test('a name of SQL is one of the list; everything else is told to use parameters', () => {
  assert.equal(chooseSqlIdentifier('price', ['name', 'price']), 'price')
  assert.throws(() => chooseSqlIdentifier('price; DROP TABLE x', ['name', 'price']), /prepared statement/)
  assert.throws(() => chooseSqlIdentifier('constructor', ['name']), SanitizeError)
  const database = new DatabaseSync(':memory:')
  database.exec(
    "CREATE TABLE products (name TEXT, kind TEXT); INSERT INTO products VALUES ('mug', 'cup'), ('secret', 'x')",
  )
  const attack = "nothing' OR '1'='1"
  assert.equal(database.prepare(`SELECT * FROM products WHERE kind = '${attack}'`).all().length, 2)
  assert.equal(database.prepare('SELECT * FROM products WHERE kind = ?').all(attack).length, 0)
  database.close()
})

test('names of files: one safe name in one folder', () => {
  for (const [name, safe] of [
    ['photo.png', 'photo.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Documents\\owner\\cv.pdf', 'cv.pdf'],
    ['pass\u202egnp.exe', 'passgnp.exe'],
    ['shell.php.png', 'shell_php.png'],
    ['CON.txt', '_CON.txt'],
    ['..', '_'],
    ['', '_'],
    ['.htaccess', 'htaccess'],
    ['a.png. ', 'a.png'],
    ['what?.txt', 'what_.txt'],
    ['e\u0301.txt', 'é.txt'],
  ] as const) {
    assert.equal(toSafeFileName(name), safe)
  }
  check((text) => {
    const safe = toSafeFileName(text)
    assert.ok(safe !== '' && Buffer.byteLength(safe) <= 200)
    assert.doesNotMatch(safe, /[\p{Cc}/\\:*?"<>|]|^[. ]|[. ]$/u)
    assert.equal(toSafeFileName(safe), safe)
  })
  assert.equal(toSafeFileName(`${'长'.repeat(300)}.png`).endsWith('.png'), true)
})

test('the time of each grows with the length only', () => {
  const encoders = {
    encodeHtml,
    encodeHtmlAttribute,
    encodeJsString,
    encodeCssString,
    encodeUrlComponent,
    encodeCsvCell,
    encodeLogText,
    encodeLdapFilter,
    encodeLdapDn,
    encodeShellArgument,
    toSafeFileName,
  }
  for (const [name, encode] of Object.entries(encoders)) {
    for (const piece of ['<', "'", ' ', '\n', '=', '-1', 'a.', '\u200d', '😀', '\\']) {
      const measure = (times: number) => {
        const text = piece.repeat(times)
        return measureCpu(() => encode(text))
      }
      measure(20_000)
      const best = (times: number) => Math.min(...Array.from({ length: 3 }, () => measure(times)))
      const small = best(20_000)
      const large = best(160_000)
      assert.ok(large < 400 || large < small * 8 * 4, `${name} ${JSON.stringify(piece)}: ${small} ms, ${large} ms`)
    }
  }
})
