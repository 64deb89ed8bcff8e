/** The vector files, as they are read. */
export interface Vectors {
  /** `sm-vectors.json` */
  sm: object
  /** `encryption-vectors.json` */
  encryption: object
  /** `classic-vectors.json` */
  classic: object
}

/** What became of one vector. */
export interface VectorResult {
  name: string
  result: 'passed' | 'failed' | 'skipped'
  detail?: string
}

/** Runs every vector through a copy of the package. */
export declare function runVectors(crypto: object, vectors: Vectors): Promise<VectorResult[]>
