import { hash } from 'node:crypto'

/** Contrast is at least 7:1 in both themes, focus is seen, and nothing is smaller than a thumb (WCAG 2.2 AA). */
export const style = `:root{color-scheme:light dark;--ink:#16181d;--paper:#fff;--soft:#f2f4f8;--line:#6b7280;--main:#123f8c;--on:#fff;--bad:#8b0f1a}
@media(prefers-color-scheme:dark){:root{--ink:#f3f4f6;--paper:#14161a;--soft:#1e2127;--line:#9ca3af;--main:#a9c7ff;--on:#0b1220;--bad:#ffb4ab}}
*{box-sizing:border-box}
body{margin:0;background:var(--soft);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:8vh auto;padding:2rem;background:var(--paper);border-radius:.75rem}
@media(max-width:30rem){main{margin:0;min-height:100vh;border-radius:0;padding:1.5rem}}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
input{width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
button{width:100%;min-height:2.75rem;margin-top:1.25rem;font:inherit;font-weight:600;color:var(--on);background:var(--main);border:2px solid var(--main);border-radius:.5rem;cursor:pointer}
button.second{margin-top:.75rem;color:var(--main);background:transparent}
a{color:var(--main)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.bad{color:var(--bad);font-weight:600;border-left:4px solid var(--bad);padding-left:.75rem}
.quiet{font-size:.875rem}
ul{padding-left:1.25rem}
ul.list{padding:0;list-style:none}
ul.list>li{padding:1rem 0;border-bottom:1px solid var(--line)}
code{overflow-wrap:anywhere}`

/** What lets this style, and no other, apply. */
export const styleSource = `'sha256-${hash('sha256', style, 'base64')}'`
