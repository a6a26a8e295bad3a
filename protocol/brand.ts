/**
 * Brands: types that tell apart two values of one shape (a root from a key, an index from a size).
 * A branded value has been checked by the parser that made it; nobody behind that parser checks again.
 */

declare const brand: unique symbol

export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Marks a checked value. The only cast in `protocol/`; call it where the check stands. */
export function branded<B>(value: B extends Brand<infer T, string> ? T : never): B {
  return value as unknown as B
}
