/** The modules a source file names: imports, re-exports, lazy imports and types, read off its own lines. */

/** A source file: its path from the repository's root, and its text. */
export interface SourceFile {
  path: string
  text: string
}

/** Every module specifier that a text imports or re-exports, in the order written; type imports count. */
export function importsOf(text: string): string[] {
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?\sfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s*['"]([^'"]+)['"]/gm
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}
