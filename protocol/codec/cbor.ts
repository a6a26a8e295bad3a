/**
 * Deterministic CBOR: one value, one encoding; anything else is a fault. A profile of RFC 8949 §4.2.1
 * (DESIGN §2, spec 01 §2) for everything that is signed or hashed.
 *
 * cbor-x does the work behind a checker of ours. On raw peer bytes it is unsafe: it accepts duplicate keys
 * and bad UTF-8, decodes tags that build objects, hangs on bignums. So `parse` checks every byte first, and
 * `encode` hands cbor-x only sorted Maps and integers it writes exactly.
 */
import { Encoder } from 'cbor-x'
import { assert } from '../assert.ts'
import { bytesOfText, compare } from '../bytes.ts'
import { CBOR_BYTES_MAX, CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { MAJOR, readHead, type HeadFault } from './heads.ts'
import { isUtf8 } from './utf8.ts'

/** What the profile can say. Integers are within ±(2^53 − 1); there are no floats. */
export type Value =
  null | boolean | number | string | Uint8Array | readonly Value[] | { readonly [key: string]: Value }

export type CborFault =
  | HeadFault
  | 'too-long'
  | 'trailing-bytes'
  | 'too-deep'
  | 'too-many-items'
  | 'tag'
  | 'key-not-text'
  | 'key-order'
  | 'key-forbidden'
  | 'bad-utf8'

/** Reads one value that fills `bytes` exactly. What parses encodes back to the same bytes. */
export function parse(bytes: Uint8Array): Result<Value, CborFault> {
  const found = check(bytes)
  return found === undefined ? ok(codec.decode(bytes)) : fault(found)
}

/** The fault in `bytes`, or undefined when they are one value of the profile. */
export function check(bytes: Uint8Array): CborFault | undefined {
  if (bytes.length > CBOR_BYTES_MAX) return 'too-long'
  const checker = new Checker(bytes)
  const found = checker.item(0)
  if (found !== undefined) return found
  return checker.at === bytes.length ? undefined : 'trailing-bytes'
}

/** Writes a value of ours. Throws on what the profile forbids: that is a bug here, never hostile input. */
export function encode(value: Value): Uint8Array {
  return codec.encode(ordered(value, 0))
}

/** `useTag259ForMaps` is missing from cbor-x's declarations, so the options stand in a value of their own. */
const OPTIONS = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  useTag259ForMaps: false,
  tagUint8Array: false,
  int64AsNumber: true,
  copyBuffers: true,
}
const codec = new Encoder(OPTIONS)

/** Walks the bytes once; `at` and `items` belong to one walk. */
class Checker {
  at = 0
  private items = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  item(depth: number): CborFault | undefined {
    this.items += 1
    if (this.items > CBOR_ITEMS_MAX) return 'too-many-items'
    const head = readHead(this.bytes, this.at)
    if (typeof head === 'string') return head
    this.at = head.next
    switch (head.major) {
      case MAJOR.unsigned:
      case MAJOR.simple:
        return undefined
      case MAJOR.negative:
        return head.argument < Number.MAX_SAFE_INTEGER ? undefined : 'integer-range'
      case MAJOR.bytes:
        return this.skip(head.argument)
      case MAJOR.text:
        return this.text(head.argument)
      case MAJOR.array:
        return depth === CBOR_DEPTH_MAX ? 'too-deep' : this.array(head.argument, depth + 1)
      case MAJOR.map:
        return depth === CBOR_DEPTH_MAX ? 'too-deep' : this.map(head.argument, depth + 1)
      default:
        return 'tag'
    }
  }

  private skip(length: number): CborFault | undefined {
    if (length > this.bytes.length - this.at) return 'truncated'
    this.at += length
    return undefined
  }

  private text(length: number): CborFault | undefined {
    const start = this.at
    return this.skip(length) ?? (isUtf8(this.bytes, start, this.at) ? undefined : 'bad-utf8')
  }

  private array(count: number, depth: number): CborFault | undefined {
    if (count > this.bytes.length - this.at) return 'truncated'
    for (let i = 0; i < count; i++) {
      const found = this.item(depth)
      if (found !== undefined) return found
    }
    return undefined
  }

  private map(count: number, depth: number): CborFault | undefined {
    if (count > (this.bytes.length - this.at) / 2) return 'truncated'
    let previous: Uint8Array | undefined
    for (let i = 0; i < count; i++) {
      const start = this.at
      if ((this.bytes[start] ?? 0) >> 5 !== MAJOR.text)
        return start < this.bytes.length ? 'key-not-text' : 'truncated'
      const bad = this.item(depth)
      if (bad !== undefined) return bad
      const key = this.bytes.subarray(start, this.at)
      if (previous !== undefined && compare(previous, key) >= 0) return 'key-order'
      if (isForbidden(key)) return 'key-forbidden'
      previous = key
      const found = this.item(depth)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** `__proto__` would not survive as a key of a JavaScript object, so one text would have two meanings. */
const FORBIDDEN_KEY = '__proto__'
const FORBIDDEN_ENCODED = Uint8Array.of(0x69, ...bytesOfText(FORBIDDEN_KEY))

function isForbidden(key: Uint8Array): boolean {
  return key.length === FORBIDDEN_ENCODED.length && compare(key, FORBIDDEN_ENCODED) === 0
}

/** A copy with maps sorted by encoded key and wide integers as bigints, which cbor-x writes exactly. */
function ordered(value: Value, depth: number): unknown {
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value) && !Object.is(value, -0), 'CBOR numbers are exact integers')
    return value > 0xffff_ffff || value < -0x1_0000_0000 ? BigInt(value) : value
  }
  if (typeof value === 'string') {
    assert(!/\p{Surrogate}/u.test(value), 'CBOR text is well-formed')
    return value
  }
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value
  assert(
    typeof value === 'object' && depth < CBOR_DEPTH_MAX,
    'CBOR values are plain and nest at most 32 deep',
  )
  if (isArray(value)) return value.map((item) => ordered(item, depth + 1))
  const map = new Map<string, unknown>()
  for (const key of Object.keys(value).toSorted(byEncodedKey)) {
    assert(key !== FORBIDDEN_KEY && !/\p{Surrogate}/u.test(key), 'CBOR keys are well-formed text')
    map.set(key, ordered(value[key] ?? absent(value, key), depth + 1))
  }
  return map
}

function absent(value: { readonly [key: string]: Value }, key: string): null {
  assert(value[key] === null, `CBOR has no undefined (key ${key})`)
  return null
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** RFC 8949 §4.2.1: keys in the order of their encoded bytes, which puts shorter ones first. */
function byEncodedKey(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : 1)
  const left = bytesOfText(a)
  const right = bytesOfText(b)
  return left.length - right.length || compare(left, right)
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
