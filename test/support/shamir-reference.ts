/** Shamir's sharing as spec 06 §15 describes it, written from there: to hold a library against. Not for secrets. */

/** x^8 + x^4 + x^3 + x + 1. */
function multiply(a: number, b: number): number {
  let [product, factor] = [0, a]
  for (let bit = 0; bit < 8; bit++) {
    if (((b >> bit) & 1) === 1) product ^= factor
    factor = factor < 128 ? factor << 1 : (factor << 1) ^ 0x11b
  }
  return product
}

/** a^254: every element but 0 is a root of x^255 − 1. */
function inverse(a: number): number {
  let power = 1
  for (let i = 0; i < 254; i++) power = multiply(power, a)
  return power
}

/** The polynomials with these coefficients, lowest first, one for each byte, at a place. */
export function referenceShare(coefficients: readonly Uint8Array[], place: number): Uint8Array {
  const values = (coefficients[0] ?? []).map((_, byte) =>
    coefficients.reduceRight((value, one) => multiply(value, place) ^ (one[byte] ?? 0), 0),
  )
  return Uint8Array.of(...values, place)
}

/** The values at 0 of the polynomials of least degree through these shares. */
export function referenceCombine(shares: readonly Uint8Array[]): Uint8Array {
  const places = shares.map((share) => share.at(-1) ?? 0)
  const weights = places.map((place, at) =>
    places.reduce(
      (weight, other, i) => (i === at ? weight : multiply(weight, multiply(other, inverse(other ^ place)))),
      1,
    ),
  )
  const length = (shares[0]?.length ?? 1) - 1
  return Uint8Array.from({ length }, (_, byte) =>
    shares.reduce((sum, share, at) => sum ^ multiply(share[byte] ?? 0, weights[at] ?? 0), 0),
  )
}
