/** The folder that everything lands in. */
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where the story writes. */
export interface Output {
  readonly folder: string
  /** Writes a whole file, or none. */
  write(name: string, content: Uint8Array | string): Promise<void>
  json(name: string, value: unknown): Promise<void>
}

/** An error that ends the program with one line and exit status 2. */
export class StartError extends Error {}

/** Makes the folder anew, or says in one line why that cannot be. */
export async function openOutput(folder: string): Promise<Output> {
  try {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new StartError(
      `Cannot write to ${folder} (${(cause as { code?: string }).code}): give it write permission, or remove it.`,
      { cause },
    )
  }
  const write = async (name: string, content: Uint8Array | string): Promise<void> => {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.partial`, content)
    await rename(`${path}.partial`, path)
  }
  return { folder, write, json: (name, value) => write(name, `${JSON.stringify(value, null, 2)}\n`) }
}
