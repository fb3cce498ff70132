/**
 * What error pages tell of the program behind them. A pattern reads a bounded number of characters from each place, so
 * time is in proportion to the text; line ends also come as `\n` in JSON and as `<br>` in pages.
 */
const line = String.raw`(?:[\r\n]|\\[nr]|<br ?\/?>)(?:[ \t]|\\t|&nbsp;|&#160;){0,16}`
/** Quotes as they are, in JSON and in pages. */
const quote = String.raw`(?:\\?["']|&quot;|&#(?:34|39|x27);)`

const traces = [
  String.raw`${line}at [^\r\n]{1,300}?(?:\.[A-Za-z]{1,6}|node:[\w/]{1,60}):\d`, // Java, JavaScript
  String.raw`\.(?:cs|vb|fs):line \d`, // .NET
  String.raw`[a-z]\.[A-Z]\w{0,80}(?:Exception|Error)\b(?::|${line})`, // Java, .NET, Python
  'Traceback \\(most recent call last\\)',
  String.raw`File ${quote}[^"'<>\r\n&]{1,300}${quote}, line \d`,
  String.raw`(?:Fatal error|Parse error|Warning|Notice)(?:</b>)?: [^\r\n]{1,400}? on line (?:<b>)?\d`, // PHP
  String.raw`#\d{1,3} (?:[A-Z]:|\/)[^\r\n<>()]{1,200}\(\d{1,6}\)`,
  String.raw`\.rb:\d{1,6}:in `, // Ruby
  String.raw`goroutine \d{1,9} \[[a-z ]{1,40}\]`, // Go
  String.raw`thread '[^'\r\n]{1,100}' (?:\(\d{1,9}\) )?panicked at`, // Rust
  String.raw`\*\* \([A-Z][\w.]{1,80}Error\)`, // Elixir
]

const queries = [
  'You have an error in your SQL syntax',
  String.raw`\bSQLSTATE\b ?[\[:(]`,
  String.raw`\b(?:ORA|PLS)-\d{5}\b`,
  'Unclosed quotation mark (?:after|before) the character string',
  `(?:Incorrect syntax near|syntax error at or near|unterminated quoted string at or near) ?${quote}`,
  String.raw`near ${quote}[^"'\r\n]{0,100}${quote}: syntax error`,
  String.raw`\b(?:SQLITE_[A-Z]{3,20}|SqliteError|sqlite3\.\w{1,30}Error)\b`,
  String.raw`\b(?:psycopg2?|asyncpg|pymysql|mysql\.connector|cx_Oracle|sqlalchemy)\.[\w.]{1,60}`,
  String.raw`\b(?:Sequelize\w{1,30}Error|PrismaClient\w{1,30}Error|QueryFailedError|MongoServerError|PG::\w{1,40}|PDOException|ER_[A-Z]{3,20}_[A-Z_]{2,40})\b`,
  `(?:duplicate key value violates unique constraint|violates (?:foreign key|not-null|check) constraint) ?${quote}`,
  String.raw`Duplicate entry ${quote}[^"'\r\n]{0,100}${quote} for key`,
  String.raw`(?:relation|column|table) ${quote}[\w.]{1,100}${quote} (?:does not exist|doesn't exist|of relation)`,
  String.raw`(?:no such table: |Unknown column ${quote}|ambiguous column name: )\w`,
  String.raw`(?:Microsoft OLE DB Provider|\[ODBC [\w ]{1,40}Driver|\[Microsoft\]\[)`,
]

const code = String.raw`\.(?:[cm]?[jt]sx?|py|rb|php|java|kt|go|rs|cs|pl|sql|ex|scala|jar|dll)\b`
/** Not of an address, nor of what a page loads. */
const notUrl = String.raw`(?<![\w/.\-]|(?:src|href)=["'])`

const paths = [
  String.raw`${notUrl}\/(?:home|root|usr|var|opt|srv|etc|Users|private|app|code|workspace|builds?)\/[\w.@+\-/]{1,300}${code}`,
  String.raw`${notUrl}\/(?:etc\/(?:passwd|shadow|hosts)|proc\/self\/\w|var\/(?:www|log|lib)\/\w)`,
  String.raw`\b[A-Z]:\\{1,4}(?:Users|inetpub|Windows|Program Files|Projects?|src|work|apps?|www|sites?|code|builds?)\b`,
  String.raw`\bfile:\/\/\/\w`,
  String.raw`\bnode_modules\/|\bsite-packages\/|\bvendor\/(?:bundle|laravel|symfony)\/`,
]

const pages = [
  String.raw`seeing this error because you have <code>DEBUG = True|\bDJANGO_SETTINGS_MODULE\b`, // Django
  'Werkzeug Debugger|The debugger caught an exception in your WSGI', // Flask
  String.raw`Whoops\\Exception|Illuminate\\{1,2}[A-Z]|laravel-ignition`, // Laravel
  String.raw`Sfdump|sf-toolbar|Symfony\\{1,2}[A-Z]`, // Symfony
  'Action Controller: Exception caught|ActionController::|<h2>Routing Error', // Rails
  'Whitelabel Error Page', // Spring Boot
  String.raw`Server Error in ${quote}[^"'\r\n]{0,100}${quote} Application|Microsoft \.NET Framework Version|Microsoft-IIS\/\d`, // ASP.NET
  String.raw`Apache Tomcat\/\d|JBoss|WebLogic Server|Jetty:\/\/|GlassFish`,
  String.raw`<center>(?:nginx|openresty)\/\d|<address>Apache\/\d`,
  'Phusion Passenger',
]

/** A kind of leak by its name in the log. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ['stack trace', new RegExp(traces.join('|'))],
  ['database error', new RegExp(queries.join('|'), 'i')],
  ['debug page', new RegExp(pages.join('|'))],
  ['file path', new RegExp(paths.join('|'))],
]

/** What a text tells of the program behind it; null where it tells nothing. */
export function findLeak(text: string): string | null {
  return kinds.find(([, pattern]) => pattern.test(text))?.[0] ?? null
}
