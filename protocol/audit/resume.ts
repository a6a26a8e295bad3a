/**
 * Going on with the audit of a log that was cut short: what was hashed and counted is taken over from a state of the
 * auditor's own, what decides over the rest is judged again from its bytes.
 *
 * A state cannot make a log look better than it is towards whoever cannot write the auditor's files: its tree must lead to
 * the head that is signed now, so the entries below it are the ones that were judged; the keys are folded again; and
 * entries with findings are looked at again.
 */
import { equal } from '../bytes.ts'
import type { KeyId } from '../identity/key.ts'
import { edgeRoot, leafHash, type Edge } from '../log/merkle.ts'
import type { Primitives } from '../primitives.ts'
import { fault, ok, type Result } from '../result.ts'
import { closingOf } from './ending.ts'
import { judgeLeaf, MARKED_MAX, type Leaf, type MarkedLeaf } from './judgement.ts'
import type { LogReport } from './report.ts'
import type { Audit } from './verify.ts'

/** How far an audit of all entries of one log has come. */
export type AuditState = {
  readonly origin: string
  readonly edge: Edge
  /** Root over the edge. */
  readonly root: Uint8Array
  /** Without what the marked entries add, which are counted when they are judged again. */
  readonly counts: LogReport['counts']
  /** The last entry judged valid of each signer. */
  readonly lastUse: readonly { readonly id: KeyId; readonly index: number }[]
  readonly marked: readonly MarkedLeaf[]
  /** Roots of the tree at smaller sizes, at which it was to be compared. */
  readonly roots: ReadonlyMap<number, Uint8Array>
}

export type ResumeFault =
  | 'resume-origin'
  /** Another root is wanted than those that were kept: there are new heads below the state. */
  | 'resume-roots'
  /** An entry to be judged again is not the one that was judged before, or is not there. */
  | 'resume-leaf'

/** More cosigned heads of one log than this are not kept in a state. */
export const STATE_ROOTS_MAX = 8_192

/** The state of an audit; undefined where it is of chosen entries only, or has not begun, or would be too long. */
export function stateOf(primitives: Primitives, audit: Audit): AuditState | undefined {
  const { judgement, edge, roots, earlier, earlierRoot, end, closingRoot } = audit
  const { origin, scope, lastUse, marked } = judgement
  if (scope !== 'all' || edge.size === 0) return undefined
  const all = new Map(roots)
  if (earlier !== undefined && earlierRoot !== undefined) all.set(earlier.checkpoint.size, earlierRoot)
  const closing = closingOf(end)
  if (closing !== undefined && closingRoot !== undefined) all.set(closing.size, closingRoot)
  if (marked.length > MARKED_MAX || all.size > STATE_ROOTS_MAX) return undefined
  const counts = marked.reduce(
    (rest, { counts: { entries, signatures, parts } }) => ({
      entries: rest.entries - entries,
      signatures: rest.signatures - signatures,
      parts: rest.parts - parts,
    }),
    judgement.counts,
  )
  return { origin, edge, root: edgeRoot(primitives, edge), counts, lastUse, marked, roots: all }
}

/** `leaves` are the marked entries as the source has them now, in the order of the state. */
export function resumeAudit(
  primitives: Primitives,
  opened: Audit,
  state: AuditState,
  leaves: readonly (Leaf | undefined)[],
): Result<Audit, ResumeFault> {
  if (state.origin !== opened.judgement.origin || opened.judgement.scope !== 'all')
    return fault('resume-origin')
  const { edge } = state
  const sizes = [opened.earlier?.checkpoint.size, closingOf(opened.end)?.size, ...opened.marks]
  const wanted = sizes.filter((size) => size !== undefined && size > 0 && size <= edge.size)
  if (!wanted.every((size) => size !== undefined && rootAt(state, size) !== undefined))
    return fault('resume-roots')
  let judgement = { ...opened.judgement, counts: state.counts }
  for (const [at, { index, leaf: hash }] of state.marked.entries()) {
    const leaf = leaves[at]
    if (leaf === undefined || !equal(leafHash(primitives, leaf.bytes), hash)) return fault('resume-leaf')
    judgement = judgeLeaf(primitives, judgement, index, leaf)
  }
  const [earlier, closing] = [opened.earlier?.checkpoint.size ?? 0, closingOf(opened.end)?.size ?? 0]
  return ok({
    ...opened,
    edge,
    judgement: { ...judgement, lastUse: state.lastUse },
    earlierRoot: rootAt(state, earlier),
    closingRoot: rootAt(state, closing),
    roots: new Map(opened.marks.flatMap((size) => placed(size, rootAt(state, size)))),
  })
}

function rootAt({ edge, root, roots }: AuditState, size: number): Uint8Array | undefined {
  return size === edge.size ? root : roots.get(size)
}

function placed(size: number, root: Uint8Array | undefined): readonly (readonly [number, Uint8Array])[] {
  return root === undefined ? [] : [[size, root]]
}
