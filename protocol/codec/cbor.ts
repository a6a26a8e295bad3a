/**
 * Deterministic CBOR: one value, one encoding; anything else is a fault. A profile of RFC 8949 §4.2.1
 * (DESIGN §2, spec 01 §2) for everything that is signed or hashed.
 *
 * cbor-x writes, from sorted Maps and integers it writes exactly. It does not read: on peers' bytes it accepts
 * duplicate keys and bad UTF-8, decodes tags that build objects, hangs on bignums; and behind a checker it
 * still drops a leading U+FEFF from texts over 61 bytes, so that two keys become one and two texts one value.
 * The reader here builds the value in the walk that checks it.
 */
import { Encoder } from 'cbor-x'
import { assert } from '../assert.ts'
import { bytesOfText, compare, textOfBytes } from '../bytes.ts'
import { CBOR_BYTES_MAX, CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from '../limits.ts'
import { fault, ok, type Result } from '../result.ts'
import { MAJOR, readHead, type HeadFault } from './heads.ts'

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
  if (bytes.length > CBOR_BYTES_MAX) return fault('too-long')
  const reader = new Reader(bytes)
  const value = reader.item(0)
  if (value === undefined) return fault(reader.found)
  return reader.at === bytes.length ? ok(value) : fault('trailing-bytes')
}

/** The fault in `bytes`, or undefined when they are one value of the profile. */
export function check(bytes: Uint8Array): CborFault | undefined {
  const read = parse(bytes)
  return read.ok ? undefined : read.fault
}

/**
 * Writes a value of ours. Throws on what the profile forbids, its bounds included: that is a bug here, never
 * hostile input, and bytes that nobody can read must not be signed or stored.
 */
export function encode(value: Value): Uint8Array {
  const written = write(ordered(value, 0, { items: 0 }), RESET_BUFFER)
  assert(written.length <= CBOR_BYTES_MAX, 'a CBOR value has at most 1 MiB')
  // A copy: cbor-x hands out a view of the buffer it writes the next value into.
  return new Uint8Array(written)
}

/** `useTag259ForMaps` is missing from cbor-x's declarations, so the options stand in a value of their own. */
const OPTIONS = {
  useRecords: false,
  variableMapSize: true,
  useTag259ForMaps: false,
  tagUint8Array: false,
}
const codec = new Encoder(OPTIONS)

/** Tells cbor-x to use its buffer again; without it, it makes a new one for every 8 KiB written. */
const RESET_BUFFER = 1_024
/** The mode is missing from the declarations too. */
const write: (value: unknown, mode: number) => Uint8Array = codec.encode.bind(codec)

/** Walks the bytes once. An item is its value, or undefined once `found` names a fault; all state is of one walk. */
class Reader {
  at = 0
  found: CborFault = 'truncated'
  private items = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  item(depth: number): Value | undefined {
    this.items += 1
    if (this.items > CBOR_ITEMS_MAX) return this.refuse('too-many-items')
    const head = readHead(this.bytes, this.at)
    if (typeof head === 'string') return this.refuse(head)
    this.at = head.next
    switch (head.major) {
      case MAJOR.unsigned:
        return head.argument
      case MAJOR.negative:
        return head.argument < Number.MAX_SAFE_INTEGER ? -1 - head.argument : this.refuse('integer-range')
      case MAJOR.bytes:
        return this.copy(head.argument)
      case MAJOR.text:
        return this.text(head.argument)
      case MAJOR.array:
        return depth === CBOR_DEPTH_MAX ? this.refuse('too-deep') : this.array(head.argument, depth + 1)
      case MAJOR.map:
        return depth === CBOR_DEPTH_MAX ? this.refuse('too-deep') : this.map(head.argument, depth + 1)
      case MAJOR.simple:
        return head.argument === NULL ? null : head.argument === TRUE
      default:
        return this.refuse('tag')
    }
  }

  private refuse(found: CborFault): undefined {
    this.found = found
    return undefined
  }

  private string(length: number): Uint8Array | undefined {
    const start = this.at
    if (length > this.bytes.length - start) return this.refuse('truncated')
    this.at += length
    return this.bytes.subarray(start, this.at)
  }

  /** Not `slice()`, which in a Node Buffer does not copy. */
  private copy(length: number): Uint8Array | undefined {
    const bytes = this.string(length)
    return bytes && new Uint8Array(bytes)
  }

  private text(length: number): string | undefined {
    const bytes = this.string(length)
    if (bytes === undefined) return undefined
    const text = textOfBytes(bytes)
    return text.ok ? text.value : this.refuse(text.fault)
  }

  private array(count: number, depth: number): readonly Value[] | undefined {
    if (count > this.bytes.length - this.at) return this.refuse('truncated')
    const list: Value[] = []
    for (let i = 0; i < count; i++) {
      const value = this.item(depth)
      if (value === undefined) return undefined
      list.push(value)
    }
    return list
  }

  private map(count: number, depth: number): Value | undefined {
    if (count > (this.bytes.length - this.at) / 2) return this.refuse('truncated')
    const map: Record<string, Value> = {}
    let previous: Uint8Array | undefined
    for (let i = 0; i < count; i++) {
      const start = this.at
      if (start === this.bytes.length) return this.refuse('truncated')
      if ((this.bytes[start] ?? 0) >> 5 !== MAJOR.text) return this.refuse('key-not-text')
      const key = this.item(depth)
      if (typeof key !== 'string') return undefined
      const encoded = this.bytes.subarray(start, this.at)
      if (previous !== undefined && compare(previous, encoded) >= 0) return this.refuse('key-order')
      if (key === FORBIDDEN_KEY) return this.refuse('key-forbidden')
      previous = encoded
      const value = this.item(depth)
      if (value === undefined) return undefined
      map[key] = value
    }
    return map
  }
}

/** The simple values of the profile: 20 is false (RFC 8949 §3.3). */
const TRUE = 21
const NULL = 22

/** `__proto__` would not survive as a key of a JavaScript object, so one text would have two meanings. */
export const FORBIDDEN_KEY = '__proto__'

/** A copy with maps sorted by encoded key and wide integers as bigints, which cbor-x writes exactly. */
function ordered(value: Value, depth: number, count: { items: number }): unknown {
  count.items += 1
  assert(count.items <= CBOR_ITEMS_MAX, 'a CBOR value has at most 65,536 items')
  if (typeof value === 'number') {
    assert(Number.isSafeInteger(value) && !Object.is(value, -0), 'CBOR numbers are exact integers')
    return value > 0xffff_ffff || value < -0x1_0000_0000 ? BigInt(value) : value
  }
  if (typeof value === 'string') {
    assert(value.isWellFormed(), 'CBOR text is well-formed')
    return value
  }
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value
  assert(
    typeof value === 'object' && depth < CBOR_DEPTH_MAX,
    'CBOR values are plain and nest at most 32 deep',
  )
  if (isArray(value)) {
    const list: unknown[] = []
    // By index, because map() would pass over the holes of a sparse array.
    for (let i = 0; i < value.length; i++) list.push(ordered(value[i] ?? absent(value[i]), depth + 1, count))
    return list
  }
  const map = new Map<string, unknown>()
  for (const key of sortedKeys(value)) {
    assert(key !== FORBIDDEN_KEY && key.isWellFormed(), 'CBOR keys are well-formed text')
    count.items += 1
    map.set(key, ordered(value[key] ?? absent(value[key]), depth + 1, count))
  }
  return map
}

function absent(value: Value | undefined): null {
  assert(value === null, 'CBOR has no undefined')
  return null
}

function isArray(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** RFC 8949 §4.2.1: keys in the order of their encoded bytes, which puts shorter ones first. */
function sortedKeys(map: { readonly [key: string]: Value }): readonly string[] {
  const keys = Object.keys(map)
  return keys.every(isAscii) ? keys.sort(byAscii) : keys.sort(byEncodedKey)
}

function byAscii(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

function byEncodedKey(a: string, b: string): number {
  const left = bytesOfText(a)
  const right = bytesOfText(b)
  return left.length - right.length || compare(left, right)
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
