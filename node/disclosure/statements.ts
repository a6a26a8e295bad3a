/** Statements of ours in an access: signed with the statement key in force, named by their id. Spec 06 §1. */
import { assert } from '../../protocol/assert.ts'
import {
  accessId,
  parseAccess,
  prepareAccess,
  sealAccess,
  type AccessStatement,
  type Signed,
} from '../../protocol/access/signed.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import type { Signer } from '../ports.ts'

export type Stated<S extends AccessStatement> = {
  readonly signed: Signed
  readonly statement: S
  readonly bytes: Uint8Array
  readonly id: Uint8Array
}

export function stateAccess<S extends AccessStatement>(
  primitives: Primitives,
  signer: Signer,
  statement: S,
): Stated<S> {
  const prepared = prepareAccess(statement, signer.keyId)
  const bytes = sealAccess(prepared, signer.sign(prepared.toBeSigned))
  const signed = parseAccess(bytes)
  assert(signed.ok, 'a statement of ours reads back')
  return { signed: signed.value, statement, bytes, id: accessId(primitives, signed.value) }
}
