import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureLeastCpu } from '../../../test/support/cpu-time.ts'
import { findLeak } from './leaks.ts'

const leaks: Readonly<Record<string, readonly string[]>> = {
  'stack trace': [
    'TypeError: x is not a function\n    at handler (/srv/shop/orders.js:12:5)\n    at Layer.handle (x.js:1:2)',
    '{"error":"Error: boom\\n    at Object.<anonymous> (C:\\\\shop\\\\a.js:3:9)"}',
    '<pre>Error: boom<br> &nbsp; &nbsp;at /srv/a/b.js:10:11<br></pre>',
    'java.lang.NullPointerException: null\n\tat com.shop.Orders.find(Orders.java:42)',
    'org.springframework.dao.DataIntegrityViolationException: could not execute',
    'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>',
    '{"detail":"File \\"main.py\\", line 3"}',
    'System.InvalidOperationException: Sequence contains no elements',
    '   at Shop.Orders.Find(Int32 id) in C:\\Orders.cs:line 12',
    '<b>Fatal error</b>:  Uncaught Error: Call to undefined function in <b>/var/www/html/index.php</b> on line <b>7</b>',
    '#0 /var/www/html/index.php(7): main()',
    "app/models/order.rb:12:in `find'",
    'panic: boom\n\ngoroutine 1 [running]:\nmain.main()',
    "thread 'main' panicked at src/main.rs:2:5",
    '** (Ecto.NoResultsError) expected at least one result',
  ],
  'database error': [
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version near ''' at line 1",
    'SQLSTATE[42S02]: Base table or view not found',
    'ORA-00933: SQL command not properly ended',
    "Unclosed quotation mark after the character string ''.",
    'ERROR: syntax error at or near "FROM"',
    '{"message":"near \\"x\\": syntax error"}',
    'SqliteError: UNIQUE constraint failed: users.email',
    'psycopg2.errors.UndefinedColumn: column "x" does not exist',
    'duplicate key value violates unique constraint "users_email_key"',
    "Duplicate entry 'ann@example.com' for key 'users.email'",
    'no such table: users',
    '[Microsoft][ODBC SQL Server Driver]',
    'MongoServerError: E11000 duplicate key error collection',
  ],
  'file path': [
    `ENOENT: no such file or directory, open '/${'home'}/owner/shop/config.js'`,
    'cannot read /etc/passwd',
    'in D:\\inetpub\\wwwroot',
    `{"path":"C:${'\\\\'}Users${'\\\\'}owner${'\\\\'}shop"}`,
    'file:///srv/x',
    'Cannot find module in node_modules/express',
  ],
  'debug page': [
    "You're seeing this error because you have <code>DEBUG = True</code> in your Django settings file.",
    '<title>NameError // Werkzeug Debugger</title>',
    'Illuminate\\Database\\QueryException',
    '<h1>Whitelabel Error Page</h1>',
    "Server Error in '/' Application.",
    '<h3>Apache Tomcat/9.0.50</h3>',
    '<hr><center>nginx/1.18.0</center>',
    '<address>Apache/2.4.41 (Ubuntu) Server at shop.example Port 443</address>',
  ],
}

const quiet = [
  '{"type":"about:blank","title":"Not Found","status":404,"detail":"There is no order 12 at /orders/12"}',
  '{"error":"invalid_grant","error_description":"The token expired at 12:30:45"}',
  '{"errors":[{"pointer":"/items/0/price","message":"must be a number, at least 1"}]}',
  '<html><body><h1>Not Found</h1><script src="/var/static/js/main.chunk.js"></script></body></html>',
  '<a href="/var/app/page.js">x</a> https://example.com/home/owner/index.php',
  'Error: the order is closed\n at noon, look again: 12',
  'Please select a file to upload. Drop table reservations by phone.',
  'The column "price" is required',
  'Duplicate order: you have ordered this already',
  'Your e-mail address is taken',
  'Cannot GET /orders/12',
  '订单不存在',
  '{"message":"Syntax error in your query: unexpected )"}',
  'exceptions to this rule: see /help/returns.html',
  '<center>404 Not Found</center>',
]

test('what tells of the program behind is found', () => {
  for (const [kind, texts] of Object.entries(leaks)) for (const text of texts) assert.equal(findLeak(text), kind, text)
})

test('honest errors tell nothing', () => {
  for (const text of quiet) assert.equal(findLeak(text), null, text)
})

test('time grows with the length alone', () => {
  const timeOf = (text: string) => measureLeastCpu(() => findLeak(text))
  for (const piece of [
    '\n at ',
    '<br>&nbsp;',
    '\\n',
    'a.',
    'java.a.',
    `/${'home'}/a/`,
    'File "',
    '#1 /',
    "near '",
    'Warning: a in ',
    'a/',
    '[Microsoft]',
    '\n  at a (',
    'System.A',
    ' in ',
    '.rb:1',
  ]) {
    const short = piece.repeat(Math.ceil(8192 / piece.length))
    const long = piece.repeat(Math.ceil(262_144 / piece.length))
    const perByte = timeOf(short) / short.length
    assert.ok(timeOf(long) / long.length < 8 * perByte, piece)
  }
})
