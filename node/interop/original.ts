/** Reading somebody else's document: every field may be missing, of another type, too long or full of control characters. */

import { toUSVString } from 'node:util'

export type Original = { readonly [key: string]: unknown }

export function isOriginal(value: unknown): value is Original {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field that is an object, or an empty one. */
export function objectAt(of: Original, key: string): Original {
  const value = Object.hasOwn(of, key) ? of[key] : undefined
  return isOriginal(value) ? value : {}
}

export function listAt(of: Original, key: string): readonly unknown[] {
  const value = Object.hasOwn(of, key) ? of[key] : undefined
  return Array.isArray(value) ? value : []
}

/** A field that is text with something in it. */
export function textAt(of: Original, key: string): string | undefined {
  const value = Object.hasOwn(of, key) ? of[key] : undefined
  return typeof value === 'string' && /\S/u.test(value) ? value : undefined
}

export function textsAt(of: Original, key: string): readonly string[] {
  return listAt(of, key).filter((item): item is string => typeof item === 'string' && /\S/u.test(item))
}

/** True for what says nothing: null, an empty text or list (in a table its text), an object of nothing but those. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === '[]') return true
  if (typeof value !== 'object') return false
  return Object.values(value).every((item) => item === '' || (Array.isArray(item) && item.length === 0))
}

/** Line ends as line feeds, no other control characters, no broken surrogates: what a record's text may hold. */
export function plainText(text: string): string {
  return toUSVString(text)
    .replace(/\r\n?/gu, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .trim()
}

/** One line: every run of white space and control characters is one space. */
export function oneLine(text: string): string {
  return toUSVString(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}
