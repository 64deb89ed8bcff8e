/** Checks that a field is signed with a signature of its own revision. */
import { isDictionary, type PdfValue } from '../objects.ts'
import type { Ledger } from './ledger.ts'

/** The value of a newly signed field is a dictionary that did not exist before. */
export async function checkNewSignature(
  ledger: Ledger,
  { name, signature }: { name: string; signature: PdfValue | undefined },
): Promise<void> {
  if (!ledger.isNew(signature) || !isDictionary(await ledger.revision.after.resolve(signature))) {
    ledger.forbid(`The field "${name}" gets a signature that is not a new object.`)
  }
}
