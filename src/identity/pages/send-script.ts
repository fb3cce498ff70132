import { hash } from 'node:crypto'

/** The one script of a page that leads on by a form: who has it run does not see the page. */
export const sendScript = 'document.forms[0].submit()'

/** What lets this script, and no other, run. */
export const sendScriptSource = `'sha256-${hash('sha256', sendScript, 'base64')}'`
