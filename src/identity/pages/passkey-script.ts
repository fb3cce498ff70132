import { hash } from 'node:crypto'

/**
 * The one script of these pages: it has the browser make or use a passkey, and sends what comes of it as the form that is
 * there. It asks nobody for anything, and what it says stands in the page.
 */
export const passkeyScript = `(() => {
const field = document.querySelector('[data-passkey]'), form = field.form, said = field.dataset
const P = window.PublicKeyCredential, making = said.passkey === 'make'
const parse = making ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'
if (!P || !P[parse]) return
form.hidden = false
document.getElementById('no-passkeys').hidden = true
let waiting, told
const ask = async (more) => {
  const publicKey = P[parse](JSON.parse(said.options))
  const made = await navigator.credentials[making ? 'create' : 'get']({ publicKey, ...more })
  field.value = JSON.stringify(made.toJSON())
  form.submit()
}
const fill = async () => {
  try {
    if (!('autofill' in said) || !(await P.isConditionalMediationAvailable())) return
    waiting = new AbortController()
    await ask({ mediation: 'conditional', signal: waiting.signal })
  } catch {}
}
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (told) told.remove()
  if (waiting) waiting.abort()
  try {
    await ask({})
  } catch ({ name }) {
    told = document.createElement('p')
    told.className = 'bad'
    told.setAttribute('role', 'alert')
    told.textContent = said[name === 'InvalidStateError' ? 'known' : name === 'NotAllowedError' ? 'cancelled' : 'failed']
    form.append(told)
    fill()
  }
})
fill()
})()`

/** What lets this script, and no other, run. */
export const passkeyScriptSource = `'sha256-${hash('sha256', passkeyScript, 'base64')}'`
