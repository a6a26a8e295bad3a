/** What reading hostile input returns: the value, or a fault from a closed list. Never an exception. */

export type Result<T, F extends string> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: F }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function fault<F extends string>(fault: F): { readonly ok: false; readonly fault: F } {
  return { ok: false, fault }
}
