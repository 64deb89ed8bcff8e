/** Asks before a step that cannot be taken back. */
import { place } from './page.ts'

/** Shows the page's dialog; true if the person confirmed. Closing it in any other way is a no. */
export function askToConfirm({ title, text, yes }: { title: string; text: string; yes: string }): Promise<boolean> {
  const dialog = place('confirm') as HTMLDialogElement
  place('confirm-title').textContent = title
  place('confirm-text').textContent = text
  place('confirm-yes').textContent = yes
  dialog.returnValue = 'cancel'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'confirm'), { once: true })
  })
}
