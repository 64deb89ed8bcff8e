/** Makes documents such as licences, as PDF and (through `@zhicheng/seal/ofd`) as OFD, from one description. */
export * from './document/create-pdf.ts'
export * from './document/description.ts'
export * from './document/licence.ts'
