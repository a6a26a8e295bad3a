/** Points of edwards25519 that no honest key or signature has, made by arithmetic and not by copying tables. */
import { hash, Point } from '@noble/ed25519'
import '../../protocol/identity/signature.ts'
import { bytes } from './notation.ts'

export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** A point of order eight: a curve point times the group order, which leaves its torsion alone. */
const EIGHTH = findEighth()

/** The eight points of small order, the identity first. */
export const SMALL_ORDER: readonly Point[] = Array.from({ length: 8 }, (_, times) =>
  timesPoint(EIGHTH, BigInt(times)),
)

/** Those that are not the identity. */
export const TORSION = SMALL_ORDER.slice(1)

export function timesPoint(point: Point, scalar: bigint): Point {
  let sum = Point.ZERO
  for (let bit = scalar.toString(2).length - 1; bit >= 0; bit--) {
    sum = sum.double()
    if ((scalar >> BigInt(bit)) & 1n) sum = sum.add(point)
  }
  return sum
}

export function scalarBytes(scalar: bigint): Uint8Array {
  return bytes(scalar.toString(16).padStart(64, '0')).toReversed()
}

export function littleEndian(encoded: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(encoded.toReversed()).toString('hex')}`)
}

/** k of the equation: SHA-512(R ‖ A ‖ M) modulo the order. */
export function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  return littleEndian(hash(Uint8Array.from([...r, ...key, ...message]))) % ORDER
}

function findEighth(): Point {
  for (let y = 2; ; y++) {
    const point = pointAt(y)
    const torsion = point && timesPoint(point, ORDER)
    if (torsion && !timesPoint(torsion, 4n).is0()) return torsion
  }
}

function pointAt(y: number): Point | undefined {
  try {
    return Point.fromBytes(scalarBytes(BigInt(y)), false)
  } catch {
    return undefined
  }
}
