/** Heads that were verified here, one file for each log, so that the next audit can tell whether history below them changed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printBase32 } from '../protocol/bytes.ts'

type Hash = (bytes: Uint8Array) => Uint8Array

/** The note of the head that was verified last time, if there was one. */
export function recall(home: string, hash: Hash, origin: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(pathOf(home, hash, origin)))
  } catch {
    return undefined
  }
}

/** Remembering helps the next audit; an audit that cannot write is complete all the same. */
export function remember(home: string, hash: Hash, origin: string, note: Uint8Array): void {
  const path = pathOf(home, hash, origin)
  try {
    mkdirSync(join(home, 'verified'), { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.new`, note, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch {
    // A read-only home.
  }
}

function pathOf(home: string, hash: Hash, origin: string): string {
  return join(home, 'verified', `${nameOf(hash, origin)}.head`)
}

/** A log as a file name. */
export function nameOf(hash: Hash, origin: string): string {
  return printBase32(hash(Buffer.from(origin))).slice(0, 26)
}
