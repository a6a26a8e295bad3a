/** Randomness for tests that can be repeated: set CANDOR_SEED to the seed that a failure printed. */

export function seededRandom(): { readonly seed: number; readonly random: () => number } {
  const given = Number(process.env['CANDOR_SEED'])
  const seed = Number.isSafeInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 0x7fff_fffe)
  let state = seed
  // Park and Miller's minimal standard generator: enough to choose moments, not keys.
  const random = () => {
    state = (state * 48_271) % 0x7fff_ffff
    return state / 0x7fff_ffff
  }
  return { seed, random }
}
