/** Where the packages send what operators want to read: an event name and facts, never a sentence glued from values. */

/** One line of a log. Facts are identifiers, counts and codes; never secrets or personal numbers. */
export interface LogEntry {
  level: 'debug' | 'info' | 'warning' | 'error'
  event: string
  facts?: Readonly<Record<string, unknown>>
}

/** Receives log entries. */
export type Logger = (entry: LogEntry) => void

/** Throws every entry away: the default. */
export const silentLogger: Logger = () => {}
