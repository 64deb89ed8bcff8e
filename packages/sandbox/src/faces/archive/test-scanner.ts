/** A virus scanner for the sandbox (测试专用): it knows the EICAR test file and nothing else, and says so in every answer. */
import type { FileScanner } from '@zhicheng/archive'
import { toHex, utf8 } from '@zhicheng/core'

// Written backwards, so that no real scanner takes this source for the test file.
const marker = toHex(utf8([...'ELIF-TSET-SURIVITNA-DRADNATS-RACIE$'].reverse().join('')))

/** Finds the EICAR test file. */
export const testScanner: FileScanner = async (_, bytes) =>
  toHex(bytes.subarray(0, 4096)).includes(marker)
    ? { status: 'infected', detail: '测试专用扫描器: EICAR test file' }
    : { status: 'clean', detail: '测试专用扫描器: knows the EICAR test file only' }
