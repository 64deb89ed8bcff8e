/** Decodes stream data: FlateDecode with PNG and TIFF-none predictors (ISO 32000-2, clause 7.4.4), within a size limit. */
import { sealError } from '../../errors.ts'
import { isArray, isDictionary, isName, type PdfDictionary, type PdfValue } from './objects.ts'

/** Decoded bytes that one stream may have. */
const maxDecodedBytes = 67_108_864

/**
 * The decoded data of a stream whose dictionary holds no references in Filter and DecodeParms.
 * Throws `ERR_SEAL_PDF_UNSUPPORTED` for other filters and `ERR_SEAL_PDF_MALFORMED` for data that does not decode.
 */
export async function decodeStream(dictionary: PdfDictionary, data: Uint8Array): Promise<Uint8Array> {
  const filters = listOf(dictionary.entries.get('Filter') ?? dictionary.entries.get('F'))
  const parameters = listOf(dictionary.entries.get('DecodeParms') ?? dictionary.entries.get('DP'))
  let bytes = data
  for (const [index, filter] of filters.entries()) {
    if (!isName(filter, 'FlateDecode') && !isName(filter, 'Fl')) {
      throw sealError(
        'ERR_SEAL_PDF_UNSUPPORTED',
        `A stream uses the filter ${isName(filter) ? filter.name : 'of an unknown kind'}, which is not read here.`,
      )
    }
    bytes = await inflate(bytes)
    const parameter = parameters[index]
    if (isDictionary(parameter)) bytes = undoPredictor(bytes, parameter)
  }
  return bytes
}

function listOf(value: PdfValue | undefined): readonly PdfValue[] {
  if (value === undefined) return []
  return isArray(value) ? value : [value]
}

/** Inflates zlib data within the size limit. */
export async function inflate(data: Uint8Array): Promise<Uint8Array> {
  // Many writers count the end-of-line marker before "endstream" into Length; the decompressor takes no bytes too many.
  let lastError: unknown
  for (let trim = 0; trim <= 2; trim += 1) {
    if (trim > 0 && !isEndOfLine(data[data.length - trim])) break
    try {
      return await inflateExact(data.subarray(0, data.length - trim))
    } catch (error) {
      if (error instanceof LimitReached) {
        throw sealError('ERR_SEAL_PDF_LIMIT', `A stream decodes to more than ${maxDecodedBytes} bytes.`)
      }
      lastError = error
    }
  }
  throw sealError('ERR_SEAL_PDF_MALFORMED', 'A compressed stream of the PDF does not decode.', { cause: lastError })
}

class LimitReached extends Error {}

async function inflateExact(data: Uint8Array): Promise<Uint8Array> {
  const decompressor = new DecompressionStream('deflate')
  const writer = decompressor.writable.getWriter()
  const written = writer.write(data as Uint8Array<ArrayBuffer>).then(() => writer.close())
  // The reading side reports the same failure; without a handler here it would count as unhandled.
  written.catch(() => undefined)
  const reader = decompressor.readable.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxDecodedBytes) {
      await reader.cancel()
      throw new LimitReached()
    }
    chunks.push(value)
  }
  await written
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

function isEndOfLine(byte: number | undefined): boolean {
  return byte === 10 || byte === 13
}

function undoPredictor(data: Uint8Array, parameters: PdfDictionary): Uint8Array {
  const number = (key: string, fallback: number): number => {
    const value = parameters.entries.get(key)
    return typeof value === 'number' ? value : fallback
  }
  const predictor = number('Predictor', 1)
  if (predictor === 1) return data
  const columns = number('Columns', 1)
  const sampleBits = number('Colors', 1) * number('BitsPerComponent', 8)
  const rowBytes = Math.ceil((columns * sampleBits) / 8)
  const step = Math.max(1, Math.ceil(sampleBits / 8))
  if (predictor < 10 || predictor > 15 || !Number.isInteger(rowBytes) || rowBytes < 1 || rowBytes > 1_048_576) {
    throw sealError('ERR_SEAL_PDF_UNSUPPORTED', `A stream uses predictor ${predictor}, which is not read here.`)
  }
  return undoPngRows(data, { rowBytes, step })
}

/** Undoes the PNG filters of rows that each begin with the number of theirs (PNG, clause 9). */
export function undoPngRows(data: Uint8Array, { rowBytes, step }: { rowBytes: number; step: number }): Uint8Array {
  const rows = Math.ceil(data.length / (rowBytes + 1))
  const out = new Uint8Array(rows * rowBytes)
  for (let row = 0; row < rows; row += 1) {
    const source = row * (rowBytes + 1)
    undoRow(data[source]!, data.subarray(source + 1, source + 1 + rowBytes), {
      out,
      start: row * rowBytes,
      step,
      rowBytes,
    })
  }
  return out
}

function undoRow(
  kind: number,
  line: Uint8Array,
  { out, start, step, rowBytes }: { out: Uint8Array; start: number; step: number; rowBytes: number },
): void {
  if (kind > 4) throw sealError('ERR_SEAL_PDF_MALFORMED', 'A predictor row of the PDF is of an unknown kind.')
  for (let index = 0; index < line.length; index += 1) {
    const left = index >= step ? out[start + index - step]! : 0
    const up = start > 0 ? out[start + index - rowBytes]! : 0
    const upLeft = start > 0 && index >= step ? out[start + index - rowBytes - step]! : 0
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, upLeft)][kind]!
    out[start + index] = (line[index]! + guess) & 0xff
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft
  const toLeft = Math.abs(estimate - left)
  const toUp = Math.abs(estimate - up)
  const toUpLeft = Math.abs(estimate - upLeft)
  if (toLeft <= toUp && toLeft <= toUpLeft) return left
  return toUp <= toUpLeft ? up : upLeft
}

/** Compresses data for FlateDecode. */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const compressed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream('deflate'))
  return new Uint8Array(await new Response(compressed).arrayBuffer())
}
