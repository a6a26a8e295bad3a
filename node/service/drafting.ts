/** Drafts by the ids that people type, and how they go. */
import { rootsIn } from '../named-files.ts'
import { NodeError } from '../errors.ts'
import type { CandorNode } from '../node.ts'
import type { Draft } from '../store/drafts.ts'
import { idRange } from './ids.ts'

export async function findDraft(node: CandorNode, typed: string): Promise<Draft> {
  const { first, last } = idRange(typed)
  const found: Draft[] = []
  for await (const draft of node.drafts.all(commonPrefix(first, last))) {
    if (Buffer.compare(draft.record, first) >= 0 && Buffer.compare(draft.record, last) <= 0) found.push(draft)
  }
  const [draft, second] = found
  if (draft === undefined)
    throw new NodeError('NOT_FOUND', 'no draft has this id', { fix: 'candor draft list' })
  if (second !== undefined)
    throw new NodeError('AMBIGUOUS_ID', 'more than one draft begins like this', { fix: 'candor draft list' })
  return draft
}

/** Drops a draft, and with it the files that nothing else names. */
export async function dropDraft(
  node: Pick<CandorNode, 'drafts' | 'forgotten'>,
  record: Uint8Array,
): Promise<void> {
  await node.drafts.alone(record, ({ research }) =>
    node.drafts.remove(record, node.forgotten.own(rootsIn(research))),
  )
  await node.forgotten.run()
}

function commonPrefix(first: Uint8Array, last: Uint8Array): Uint8Array {
  let length = 0
  while (length < first.length && first[length] === last[length]) length += 1
  return first.subarray(0, length)
}
