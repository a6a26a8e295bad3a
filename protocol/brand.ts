/**
 * Brands: types that tell apart two values of one shape (a root from a key, an index from a size).
 * A branded value has been checked by the parser that made it; nobody behind that parser checks again.
 */

declare const brand: unique symbol

type Mark<T, Name extends string> = { readonly [brand]: { readonly base: T; readonly name: Name } }

export type Brand<T, Name extends string> = T & Mark<T, Name>

/** Marks a checked value. The only cast in `protocol/`; call it where the check stands. */
export function branded<B extends Mark<unknown, string>>(value: B[typeof brand]['base']): B {
  return value as B
}
