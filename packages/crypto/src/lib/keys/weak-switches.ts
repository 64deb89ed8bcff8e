/** The switches for weak algorithms alone, out of the input of some verification. */
import { allowDsa, allowSha1, type WeakAlgorithmSwitches } from '../../signature-algorithm.ts'

/** What the next verification down is handed. */
export function weakSwitches(input: WeakAlgorithmSwitches): WeakAlgorithmSwitches {
  return { [allowSha1]: input[allowSha1], [allowDsa]: input[allowDsa] }
}
