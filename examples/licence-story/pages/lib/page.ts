/** What every page does: registers the elements, keeps the elder style (长辈版), and tells who is logged in. */
import '@zhicheng/elements/define'
import type { SessionView } from '@zhicheng/identity/wire'

type Style = 'normal' | 'elder'

const storageKey = 'ui-style'

/** Starts the page; `onSession` is called whenever the session was read: at the start, on a retry, after logging out. */
export function startPage(onSession: (session: SessionView) => void): void {
  applyStyle(storedStyle())
  const toggle = place('style')
  toggle.addEventListener('click', () => {
    const style: Style = currentStyle() === 'elder' ? 'normal' : 'elder'
    applyStyle(style)
    storeStyle(style)
  })
  toggle.hidden = false
  place('session').addEventListener('zc-session', (event) => onSession((event as CustomEvent<SessionView>).detail))
}

/** An element of the page's own HTML. */
export function place(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`The page has no element "${id}".`)
  return element
}

function applyStyle(style: Style): void {
  document.documentElement.classList.toggle('elder', style === 'elder')
  for (const config of document.querySelectorAll('zc-config')) config.uiStyle = style
  place('style').textContent = style === 'elder' ? '标准版' : '长辈版'
}

function currentStyle(): Style {
  return document.documentElement.classList.contains('elder') ? 'elder' : 'normal'
}

// A browser may refuse storage; the choice then holds for this page only.
function storedStyle(): Style {
  try {
    return localStorage.getItem(storageKey) === 'elder' ? 'elder' : 'normal'
  } catch {
    return 'normal'
  }
}

function storeStyle(style: Style): void {
  try {
    localStorage.setItem(storageKey, style)
  } catch {
    // Nothing is lost that the page still needs.
  }
}
