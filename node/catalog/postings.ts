/** Lists of document numbers, ascending: as bytes (differences as LEB128 varints) and as sets. */

/** Appends an unsigned number of up to 53 bits. */
export function pushVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
}

/** Reads through bytes that this program wrote. */
export class ByteReader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  varint(): number {
    let value = 0
    let unit = 1
    for (;;) {
      const byte = this.bytes[this.at++] ?? 0
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
      unit *= 0x80
    }
  }

  isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }
}

/** Numbers that all the lists hold. The shortest leads; the others are searched from where the last one was found. */
export function intersect(lists: readonly Uint32Array[]): Uint32Array {
  const [first, ...others] = lists.toSorted((a, b) => a.length - b.length)
  let common = first ?? new Uint32Array(0)
  for (const other of others) common = common.filter(isMemberOf(other))
  return common
}

function isMemberOf(list: Uint32Array): (value: number) => boolean {
  let at = 0
  return (value) => {
    at = lowerBound(list, value, at)
    return list[at] === value
  }
}

/** The first place at or behind `from` whose number is not below `value`: in steps that double, then by halves. */
export function lowerBound(list: Uint32Array, value: number, from: number): number {
  let step = 1
  let low = from
  while (low + step < list.length && (list[low + step] ?? 0) < value) {
    low += step
    step *= 2
  }
  let high = Math.min(low + step, list.length)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}
