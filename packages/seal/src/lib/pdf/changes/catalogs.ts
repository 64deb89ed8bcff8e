/** The catalogs that a revision is compared by. */
import type { PdfDictionary } from '../objects.ts'

/** Both catalogs and the object number of the catalog. */
export interface Catalogs {
  readonly oldCatalog: PdfDictionary
  readonly newCatalog: PdfDictionary
  readonly root: number
}
