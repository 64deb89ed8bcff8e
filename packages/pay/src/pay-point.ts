/** Where an observer may watch the order engine at work. */

/** Points in time that an observer can be told of; between any two of them the process may die. */
export type PayPoint =
  | 'notification.before-commit'
  | 'notification.after-commit'
  | 'notification.before-answer'
  | 'effect.before'
  | 'effect.after'
