/** Amounts as whole fen. Floats are a type error: 0.1 + 0.2 is how reconciliations find differences that do not exist. */
import { ZhichengError } from './errors.ts'

/** An amount of Renminbi (人民币) in fen (分), never negative. Its JSON form is the decimal string of {@link formatYuan}. */
export type Money = bigint & { readonly __unit: 'fen' }

/** An amount from whole fen. Throws `ERR_MONEY_INVALID` for a negative or unsafe number. */
export function fen(amount: bigint | number): Money {
  if (typeof amount === 'number' && !Number.isSafeInteger(amount)) throw invalid()
  const value = BigInt(amount)
  if (value < 0n) throw invalid()
  return value as Money
}

/**
 * An amount from a decimal text in yuan (元): at most two decimals, no sign, no exponent, no thousands mark,
 * no full-width digit. Throws `ERR_MONEY_INVALID` for anything else.
 *
 * @example
 * ```ts
 * yuan('120.00') // 12000n
 * yuan('0.1')    // 10n
 * ```
 */
export function yuan(text: string): Money {
  const match = /^(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?$/.exec(text)
  if (!match) throw invalid()
  return (BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').padEnd(2, '0'))) as Money
}

/** The decimal text in yuan with two decimals: `120.00`. */
export function formatYuan(money: Money): string {
  const text = money.toString().padStart(3, '0')
  return `${text.slice(0, -2)}.${text.slice(-2)}`
}

/** The sum; of none it is zero. */
export function sumMoney(amounts: Iterable<Money>): Money {
  let total = 0n
  for (const amount of amounts) total += amount
  return total as Money
}

function invalid(): ZhichengError<'ERR_MONEY_INVALID'> {
  return new ZhichengError(
    'ERR_MONEY_INVALID',
    'This is not an amount: use whole fen, or a decimal text in yuan with at most two decimals such as "120.00".',
  )
}
