/** Whether bytes are valid UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */

export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const first = bytes[at] ?? 0
    if (first < 0x80) {
      at += 1
      continue
    }
    const length = sequenceLength(first)
    if (length === 0 || at + length > end || !isSequence(bytes, at, length, first)) return false
    at += length
  }
  return true
}

function sequenceLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2
  if (first >= 0xe0 && first <= 0xef) return 3
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0
}

function isSequence(bytes: Uint8Array, at: number, length: number, first: number): boolean {
  const second = bytes[at + 1] ?? 0
  if (second < lowestSecond(first) || second > highestSecond(first)) return false
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return false
  return true
}

/** Below these, three- and four-byte forms are overlong. */
function lowestSecond(first: number): number {
  if (first === 0xe0) return 0xa0
  return first === 0xf0 ? 0x90 : 0x80
}

/** Above these lie the surrogates (ED A0…) and values beyond U+10FFFF (F4 90…). */
function highestSecond(first: number): number {
  if (first === 0xed) return 0x9f
  return first === 0xf4 ? 0x8f : 0xbf
}
