/** The part of `subset-font` that is used here; the package brings no types. */
declare module 'subset-font' {
  export default function subsetFont(
    font: Uint8Array,
    text: string,
    options?: {
      targetFormat?: 'sfnt' | 'woff' | 'woff2' | 'truetype'
      keepFeatures?: string[]
      noHinting?: boolean
      dropTables?: string[]
    },
  ): Promise<Uint8Array>
}

declare module 'fontverter' {
  /** Converts a font program (TrueType, OpenType, WOFF, WOFF2). */
  export function convert(program: Buffer, target: 'sfnt' | 'woff' | 'woff2'): Promise<Buffer>
}
