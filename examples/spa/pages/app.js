// The whole of it: no token is asked for, kept or sent. The cookie goes along by itself.
const find = (selector) => document.querySelector(selector)

async function call(path, options) {
  const response = await fetch(path, options)
  // The session has ended: the person is asked again, and comes back.
  if (response.status === 401) show(null)
  else if (!response.ok) find('[role=alert]').textContent = `${path}: ${response.status}`
  return response.ok ? response : null
}

function show(who) {
  find('#stranger').hidden = who !== null
  find('main').hidden = who === null
  find('#name').textContent = who?.preferred_username ?? who?.sub ?? ''
}

async function refresh() {
  const response = await call('/api/notes')
  if (response === null) return
  const items = (await response.json()).map(({ by, text }) => {
    const item = document.createElement('li')
    item.textContent = `${by}: ${text}`
    return item
  })
  find('ul').replaceChildren(...items)
}

find('#new').addEventListener('submit', async (event) => {
  event.preventDefault()
  const text = new FormData(event.target).get('text')
  const headers = { 'content-type': 'application/json' }
  if ((await call('/api/notes', { method: 'POST', headers, body: JSON.stringify({ text }) })) === null) return
  event.target.reset()
  await refresh()
})

const me = await call('/auth/me')
show(me === null ? null : await me.json())
if (me !== null) await refresh()
