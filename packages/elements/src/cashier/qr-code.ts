/** A QR code as one SVG path, built from the module matrix; no markup from outside is ever inserted. */

import { type SVGTemplateResult, svg } from 'lit'
import qrcode from 'qrcode-generator'

const quietZone = 4

/** Draws `content` as a QR code (ISO/IEC 18004) at error correction level M. */
export function qrCode(content: string): { size: number; path: SVGTemplateResult } {
  const code = qrcode(0, 'M')
  code.addData(content)
  code.make()
  const count = code.getModuleCount()
  let d = ''
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) d += `M${column + quietZone} ${row + quietZone}h1v1h-1z`
    }
  }
  return { size: count + 2 * quietZone, path: svg`<path d=${d} fill="#000"></path>` }
}
