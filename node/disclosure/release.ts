/** What is released of a part that the vault holds, in the form that was decided. The same form gives the same bytes. */
import { unreachable } from '../../protocol/assert.ts'
import type { Release } from '../../protocol/access/release.ts'
import type { Path } from '../../protocol/codec/items.ts'
import { disclose, flatten, makeItemTree } from '../../protocol/codec/items.ts'
import { isBytes } from '../../protocol/codec/value.ts'
import type { Value } from '../../protocol/codec/cbor.ts'
import type { Primitives } from '../../protocol/primitives.ts'
import { isCountItem } from '../../protocol/redaction/count.ts'
import { chooseByRules, redact } from '../../protocol/redaction/redaction.ts'
import { parseRedactionRules } from '../../protocol/redaction/rules.ts'
import type { KeptPart } from '../store/vault.ts'
import type { ReleaseForm } from './cases.ts'

/** A part as its author holds it. */
export type HeldPart = {
  readonly opening: Uint8Array
  readonly secret: Uint8Array
  readonly document: Value
}

/** A part that is there: neither absent from the start (an opening alone) nor erased (nothing). */
export function heldPart(kept: KeptPart | undefined): HeldPart | undefined {
  if (kept?.length !== 3) return undefined
  const [opening, secret, document] = kept
  if (!isBytes(opening, 32) || !isBytes(secret, 32) || document === undefined) return undefined
  return { opening, secret, document }
}

/** Undefined when the rules of the form cannot be read: they were checked when they were given. */
export function makeRelease(
  primitives: Primitives,
  part: HeldPart,
  wanted: readonly Path[] | null,
  form: ReleaseForm,
): Release | undefined {
  const { opening, secret, document } = part
  if (wanted === null && form.kind === 'whole') return { kind: 'whole', opening, secret, document }
  const tree = makeItemTree(primitives, secret, flatten(document))
  if (wanted !== null) {
    const isWanted = (path: Path) => isCountItem({ path }) || wanted.some((start) => isBelow(path, start))
    return { kind: 'items', opening, disclosure: disclose(primitives, tree, isWanted) }
  }
  switch (form.kind) {
    case 'whole':
      return undefined
    case 'redaction': {
      const rules = parseRedactionRules(form.rules)
      if (!rules.ok) return undefined
      return { kind: 'redaction', opening, redaction: redact(primitives, tree, chooseByRules(rules.value)) }
    }
    default:
      return unreachable(form)
  }
}

export function isBelow(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((step, index) => step === path[index])
}
