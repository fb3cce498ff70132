/** Names that Windows keeps for devices, whatever their extension. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i
/** Characters that some file system takes for a separator, a wildcard, a stream or nothing at all. */
export const forbiddenCharacters = /[\p{Cc}/\\:*?"<>|]/u
/**
 * What shows another name than there is: text that runs the other way (Unicode TR 36), characters without a shape, line
 * ends, private and unassigned code points, half of a pair, and the sign for what was no UTF-8.
 */
const hiddenCharacters = /[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\ufffd]/u
/** Where joiners belong: within emoji, and behind letters of scripts that are written with them. */
const joined =
  /\p{RGI_Emoji}|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gujarati}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Tamil}\p{Script=Telugu}])[\u200c\u200d]/gv
/** What looks like `/`, `\`, `:` or `.`, or becomes it where a name is normalised. */
export const lookAlikes =
  /[\u2024\u2025\u2026\u2044\u2215\u2236\u29f5\u29f8\u29f9\ua789\ufe52\ufe55\ufe68\uff0e\uff0f\uff1a\uff3c]/u

/** What no name begins or ends with: dots, and spaces of any kind. */
export const edges = /^[.\s]|[.\s]$/u

/** The name without what `hidesSomething` finds. */
export function showHidden(name: string): string {
  return cutJoined(name)
    .map((piece, at) => (at % 2 === 1 ? piece : [...piece].filter((one) => !hiddenCharacters.test(one)).join('')))
    .join('')
}

export function hidesSomething(name: string): boolean {
  return cutJoined(name).some((piece, at) => at % 2 === 0 && hiddenCharacters.test(piece))
}

/** Pieces of other text, at even places, and between them what may be joined. */
function cutJoined(name: string): string[] {
  const pieces: string[] = []
  let at = 0
  for (const match of name.matchAll(joined)) {
    pieces.push(name.slice(at, match.index), match[0])
    at = match.index + match[0].length
  }
  return [...pieces, name.slice(at)]
}

/** What file systems take, in bytes of UTF-8. */
export const maxNameBytes = 255

export function isReservedName(name: string): boolean {
  return reserved.test(name)
}

/** A word whose letters are of Latin and of a script that has the same shapes: `pаypal` with a Cyrillic а. */
export function mixesScripts(name: string): boolean {
  return name
    .split(/[^\p{L}\p{M}]+/u)
    .some(
      (word) =>
        /\p{Script=Latin}/u.test(word) && /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u.test(word),
    )
}

/** What runs where a careless server or desktop meets it: never an extension in the middle of a name. */
const runnable = new Set(
  (
    'php php3 php4 php5 php7 php8 phtml phar pht asp aspx asa asax ashx asmx cer jsp jspx jsw jsv cfm cgi pl py rb sh bash ' +
    'js mjs cjs html htm xhtml shtml svg xml xsl hta exe dll com scr msi bat cmd ps1 vbs vbe wsf wsh jar war lnk reg ' +
    'htaccess htpasswd config ini'
  ).split(' '),
)

export function isRunnableExtension(extension: string): boolean {
  return runnable.has(extension.toLowerCase())
}
