/**
 * The last look before an entry of ours is written: everybody will judge it by the key state below it, so we do so
 * first. A key may have been retired between the signing of an entry and its turn.
 */
import { applyKeyEvent, signerAt, type KeyState } from '../../protocol/identity/keystate.ts'
import { documentOf } from '../../protocol/log/entry.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { NodeError } from '../errors.ts'
import type { Proposed } from './appender.ts'

/** The key state above these entries, or why they would not be valid from `index` on. */
export function admit(
  primitives: Primitives,
  origin: string,
  before: KeyState | undefined,
  index: number,
  proposed: readonly Proposed[],
): KeyState | NodeError | undefined {
  let keys = before
  for (const [offset, one] of proposed.entries()) {
    const after = admitOne(primitives, origin, keys, index + offset, one)
    if (after instanceof NodeError) return after
    keys = after
  }
  return keys
}

function admitOne(
  primitives: Primitives,
  origin: string,
  keys: KeyState | undefined,
  index: number,
  { entry, part, keys: opened }: Proposed,
): KeyState | NodeError {
  const { header, statement } = entry
  if (header.issuer !== origin)
    return new NodeError('CONFLICT', 'this was signed for another epoch of the log')
  if (index === 0) {
    return opened ?? new NodeError('CONFLICT', 'a log begins with its epoch statement')
  }
  if (keys === undefined || statement.kind === 'epoch' || opened !== undefined) {
    return new NodeError('CONFLICT', 'the log has begun already')
  }
  const signer = signerAt(keys, statement.kind, header.keyId, index)
  if (!signer.ok) {
    const why = 'the key that signed this is not in force at its place in the log'
    return new NodeError('KEY_NOT_IN_FORCE', `${why} (${signer.fault})`, { fix: 'candor key list' })
  }
  if (statement.kind !== 'key') return keys
  const document = documentOf(part)
  const after = document === undefined ? undefined : applyKeyEvent(primitives, keys, index, document)
  if (after?.ok === true) return after.value
  return new NodeError(
    'CONFLICT',
    `the log does not take this key event (${after?.fault ?? 'no document'})`,
    {
      fix: 'candor key list',
    },
  )
}

/** Whether it was signed under a key that is out of force meanwhile, so that signing it again may help. */
export function isOutdated(error: unknown): boolean {
  return error instanceof NodeError && error.code === 'KEY_NOT_IN_FORCE'
}
