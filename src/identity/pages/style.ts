import { type Colour, formatColour, lettersOn, lighten, parseColour } from './colours.ts'
import type { PagesOptions } from './options.ts'

const darkPaper: Colour = [20, 22, 26]
/** Of buttons and links on dark pages. */
const minContrast = 7

/** Focus is seen, and nothing is smaller than a thumb (WCAG 2.2 AA). */
const rules = `*{box-sizing:border-box}
body{margin:0;background:var(--soft);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:8vh auto;padding:2rem;background:var(--paper);border-radius:.75rem;overflow-wrap:anywhere}
@media(max-width:30rem){main{margin:0;min-height:100vh;border-radius:0;padding:1.5rem}}
.logo{display:block;max-width:100%;max-height:4rem;margin:0 0 1.5rem}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem;hyphens:auto}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
input{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
input[type=checkbox],input[type=radio]{width:1.5rem;min-height:1.5rem;margin:0 .5rem 0 0;vertical-align:middle}
.choice{font-weight:400}
svg{display:block;max-width:100%;height:auto}
h2{font-size:1.125rem;line-height:1.2;margin:2rem 0 .25rem}
button{width:100%;min-height:2.75rem;margin-top:1.25rem;font:inherit;font-weight:600;color:var(--on);background:var(--main);border:2px solid var(--main);border-radius:.5rem;cursor:pointer}
button.second{margin-top:.75rem;color:var(--main);background:transparent}
a{color:var(--main)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.bad{color:var(--bad);font-weight:600;border-left:4px solid var(--bad);padding-left:.75rem}
.quiet{font-size:.875rem}
ul{padding-left:1.25rem}
ul.list{padding:0;list-style:none}
ul.list>li{padding:1rem 0;border-bottom:1px solid var(--line)}
code{overflow-wrap:anywhere;font-size:.84rem}
.code{font-size:1.5rem;letter-spacing:.1em}`

export function createStyle({ main, background }: PagesOptions['colours']): string {
  const light = parseColour(main)
  const dark = lighten(light, darkPaper, minContrast)
  const [onLight, mainDark, onDark] = [lettersOn(light), dark, lettersOn(dark)].map(formatColour)
  return `:root{color-scheme:light dark;--ink:#16181d;--paper:#fff;--soft:${background};--line:#6b7280;--main:${main};--on:${onLight};--bad:#8b0f1a}
@media(prefers-color-scheme:dark){:root{--ink:#f3f4f6;--paper:#14161a;--soft:#1e2127;--line:#9ca3af;--main:${mainDark};--on:${onDark};--bad:#ffb4ab}}
${rules}`
}
