/** Who will be able to read which words, before anything leaves this node. */
import type { AudienceView, DraftView } from '../../node/api/client.ts'
import { counted } from '../look.ts'
import { safe } from '../safe.ts'
import { words } from './records.ts'

/** Where the second column begins. */
const INDENT = 21

/** `audience`: who could be granted a tier, as the policy of the node stands. */
export function renderPreview(draft: DraftView, audience: readonly AudienceView[] = []): readonly string[] {
  const could = (tier: string) =>
    audience
      .filter((one) => one.tier === tier)
      .flatMap(({ readers }) => readers)
      .map((reader) => `${' '.repeat(INDENT)}could be granted to ${safe(reader)}`)
  return [
    `  anyone             ${fields(draft.public)}`,
    `  partners           ${restricted(draft.partner)}`,
    ...could('partner'),
    `  researchers        ${restricted(draft.research)}`,
    ...could('research'),
    '  The public part is permanent: every member keeps a copy, and it cannot be called back.',
  ]
}

/** Words in all texts of a document, as a reader would count them. */
export function countWords(document: unknown): number {
  if (typeof document === 'string') return document.split(/\s+/).filter((word) => word !== '').length
  if (typeof document !== 'object' || document === null) return document === undefined ? 0 : 1
  return Object.values(document).reduce((sum: number, item) => sum + countWords(item), 0)
}

function restricted(document: unknown): string {
  if (document === undefined) return 'nothing'
  return `nothing yet: committed to and kept here, encrypted, until you grant it: ${fields(document)}`
}

function fields(document: unknown): string {
  if (typeof document !== 'object' || document === null) return 'nothing'
  const names = Object.keys(document).map((key) => words(safe(key)))
  return `${counted(countWords(document), 'word')}: ${names.join(', ')}`
}
