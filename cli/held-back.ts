/** Whether a node should sign and does not: its own log may be ahead of what it holds. */
import type { StatusView } from '../node/api/client.ts'

/** Of a member's node that signs nothing. A home that observes has no log, so nothing is held back there. */
export function isHeldBack({ readOnly }: Pick<StatusView, 'readOnly'>): boolean {
  return readOnly !== undefined && readOnly.code !== 'NOT_ALLOWED'
}
