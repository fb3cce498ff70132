/** What could make a scanner look at the same characters again and again, each repeated to any length. */
export const repeated: readonly string[] = [
  "'", '"', '`', '\\', '(', ')', ')(', '((', '<', '<a ', '<a b="', "<a b='", '<a b="<a" ', '<script', '<script>', '</script', '<!', '<!entity ',
  '<!doctype ', '<a b=c ', '<a/', '=', 'on=', 'onload=', ' onerror=x(', '" onclick=', '%', '%2', '%25', '%u0027', '%c0%a7', '%ff',
  '&#39;', '&#', '&#x0', '\\u0027', '\\x', '../', '..', '..\\', '....//', './', '/', '..;/', ';', '|', '&', '&&', '$(', '$', '${', '{{', '}}',
  '{{7*7}}', '${${', '#{', '<%', '{%', '[[', '<#', '@(', '*{', "' or ", "' or 1=1 ", "'or'1'='1", 'or 1=1 ', '1 or ', 'union select ', 'union all ',
  'select ', 'select(', '/*', '*/', '/**/', '--', '#', '\n', '\r\n', '\na:b', '\nbcc: ', '\u001b[', 'a', 'a ', 'a b', '1', '1 ', '1.', '0x', "a'b", "d'or ",
  'sleep(', 'waitfor delay ', ':"', 'o:8:"', '$ne', '{"$ne":', '[$ne]', '.$gt', '!!', '!!python', '$type', '@type', '*)(uid=', '))', '*))(', ')\0',
  '\0', '\0.', '\uff07', '\u560d\u560a', '\u200b', '\u00e9', '\u4f60', '\ud83d\ude00', 'javascript:', 'data:', 'gopher://', 'http://', '`id`',
  ';cat ', '\ncat ', '$ifs', '/etc/passwd', '/dev/tcp/', 'etc/passwd', '../etc', ', ', '- ', '+ ', '1+', '-1-', '(1)', '((1', "''", "'a", "'a'",
  '__class__', '.constructor', 'system(', '#set', 'xinclude', ':include', 'not ', '!', '~', 'x=x ', '1=1 ', 'a=', 'a.', 'a(', 'a`', '`a', '\t', ' ',
]
