/** The witnesses outside that the charter names, as the API shows them. */
import { cosignersOf } from '../../protocol/log/cosigned-head.ts'
import type { ConfirmationView, Notice, OutsideView } from '../api/service.ts'
import type { CandorNode } from '../node.ts'
import { timeView } from './view.ts'

/** How many of them stand behind the newest head of a log; undefined where the charter names none. */
export function outsideConfirmation(node: CandorNode, origin: string): ConfirmationView['outside'] {
  const { charter, cosigned } = node.opened
  const { outside } = charter.document
  if (outside === undefined) return undefined
  const newest = cosigned.get(origin)?.newest
  const count = newest === undefined ? 0 : cosignersOf(newest, 'outside').size
  return { cosigned: count, of: outside.witnesses.length, needed: outside.needed }
}

export function outsideOf(node: CandorNode): readonly OutsideView[] {
  return node.witnessing.outside.standings().map(({ name, url, cosigned, failing }) => ({
    name,
    url,
    ...(cosigned === undefined ? {} : { cosigned: { size: cosigned.size, at: timeView(cosigned.at) } }),
    ...(failing === undefined
      ? {}
      : {
          failing: {
            why: sentenceOf(failing.why),
            since: timeView(failing.since),
            nextAt: timeView(failing.nextAt),
          },
        }),
  }))
}

export function outsideNotices(node: CandorNode): readonly Notice[] {
  return outsideOf(node).flatMap(({ name, failing }) => {
    if (failing === undefined) return []
    const message = `the outside witness ${name} cosigns nothing of ours since ${failing.since}: ${failing.why}`
    return [{ code: 'OUTSIDE_WITNESS', message }]
  })
}

const SENTENCES: Readonly<Record<string, string>> = {
  'address-malformed': 'the charter gives no usable address of it',
  'address-not-secure': 'its address is not https, and not on this machine',
  unreachable: 'it cannot be reached',
  late: 'it did not answer in time',
  redirected: 'it sent us elsewhere, and redirects are not followed',
  'answer-too-long': 'its answer was too long to be one',
  'answer-content-type': 'its answer does not say that it is a size (text/x.tlog.size)',
  'answer-unreadable': 'its answer is not one of C2SP tlog-witness',
  'other-key': 'it answered under another key than the charter names',
  'signature-invalid': 'its cosignature does not verify',
  'time-ahead': 'its cosignature is from the future',
  'size-ahead': 'it says that it cosigned a larger head of our log than there is',
  'not-kept': 'its cosignature could not be kept here',
  'status-400': 'it did not understand the request (400)',
  'status-403': 'it does not accept the key of our log (403): its operator has another one',
  'status-404': 'it does not know our log (404): its operator has to add its origin and key',
  'status-409': 'it holds another root of our log at that size, or cannot say which size it has (409)',
  'status-422': 'it does not accept our proof of consistency (422)',
  'status-429': 'it is asked too often (429)',
}

function sentenceOf(why: string): string {
  return SENTENCES[why] ?? `it refused (${why})`
}
