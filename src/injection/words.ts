/** What a word means to the languages that quotes are left for. One word may mean several things. */
export const connector = 1 // joins a condition to the one before
export const comparison = 2 // compares in words
export const verb = 4 // begins a statement
export const timing = 8 // a function that makes a database wait, read or write
export const inspecting = 16 // a function that is used to ask character by character
export const constant = 32
export const scripting = 64 // what scripts are abused for
export const xpathFunction = 128
export const statementWord = 256 // begins a statement of JavaScript
export const union = 512
export const select = 1024
export const clause = 2048 // ends or goes on with a query
export const object = 4096 // what a statement creates or drops
export const filler = 8192 // stands between keywords: `all`, `distinct`, `not`
export const catalog = 16384

const lists: readonly (readonly [bits: number, words: string])[] = [
  [connector, 'or and xor having where'],
  [comparison, 'like rlike regexp in between is glob ilike sounds similar'],
  [verb, 'drop delete insert update alter create truncate exec execute declare waitfor shutdown grant merge call copy'],
  [verb, 'select replace begin set rename revoke attach handler'],
  [timing, 'sleep benchmark pg_sleep load_file randomblob xp_cmdshell xp_dirtree extractvalue updatexml utl_inaddr'],
  [timing, 'dbms_pipe dbms_lock utl_http sys_eval lo_import pg_read_file load_extension gtid_subset json_keys'],
  [
    inspecting,
    'ascii substring substr mid ord char chr hex unhex length char_length cast convert concat concat_ws exists',
  ],
  [inspecting, 'case if iif user database version current_user system_user session_user ifnull nullif isnull count'],
  [inspecting, 'group_concat lower upper left right instr strcmp make_set elt row_count schema coalesce find_in_set'],
  [constant, 'true false null'],
  [scripting, 'alert confirm prompt eval fetch document window location settimeout setinterval function atob'],
  [scripting, 'self top parent frames globalthis import xmlhttprequest onerror console'],
  [xpathFunction, 'count name position substring contains text last not string normalize true node doc local'],
  [xpathFunction, 'starts namespace id sum false'],
  [statementWord, 'return while var throw this db do for const let'],
  [union, 'union'],
  [select, 'select'],
  [clause, 'from where order group limit into having procedure offset for intersect except minus'],
  [object, 'table database view schema user index procedure function trigger login role sequence'],
  [filler, 'all distinct distinctrow not binary'],
  [catalog, 'information_schema sqlite_master sqlite_schema pg_catalog pg_shadow sysobjects syscolumns all_tables'],
  [catalog, 'user_tables mysql msysobjects v$version pg_user sys'],
]

interface Entry {
  readonly word: string
  bits: number
  readonly next: Entry | null
}

const buckets: (Entry | null)[] = new Array(1024).fill(null)
for (const [bits, words] of lists) for (const word of words.split(' ')) add(word, bits)

/** The longest word that means anything. */
export const longestWord = 18

/** One step of the hash that `meaningOf` is given, begun with 0. */
export function hashStep(hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0
}

/** What the word at a place of a text in lower case means; 0 where it means nothing. */
export function meaningOf(text: string, start: number, end: number, hash: number): number {
  for (let entry = buckets[hash & 1023] as Entry | null; entry !== null; entry = entry.next) {
    if (entry.word.length === end - start && text.startsWith(entry.word, start)) return entry.bits
  }
  return 0
}

function add(word: string, bits: number): void {
  let hash = 0
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i))
  const slot = hash & 1023
  for (let entry = buckets[slot] as Entry | null; entry !== null; entry = entry.next) {
    if (entry.word !== word) continue
    entry.bits |= bits
    return
  }
  buckets[slot] = { word, bits, next: buckets[slot] as Entry | null }
}
