/** Reading our own vectors: plain JSON under `test/vectors`, with one abbreviation for long texts and lists. */
import { readFileSync } from 'node:fs'

export function readVectors<T>(path: string): T {
  return JSON.parse(readFileSync(`test/vectors/${path}`, 'utf8'), (_, value: unknown) => expanded(value)) as T
}

/** `{"$repeat": x, "$times": n}` is a text or list of n times x. */
function expanded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$repeat' in value) || !('$times' in value))
    return value
  const { $repeat: item, $times: times } = value
  return typeof item === 'string' && [...item].length === 1
    ? item.repeat(Number(times))
    : Array.from({ length: Number(times) }, () => item)
}
