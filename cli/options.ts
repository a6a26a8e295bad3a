/** Options of which a command takes several: each flag takes one value, so that none swallows the words behind it. */

export function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
