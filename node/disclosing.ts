/** How a running node takes part in disclosure: which of its parts the gate and the reader are given. */
import { admitKey } from '../protocol/identity/key.ts'
import { ForgottenFiles } from './forgotten-files.ts'
import { namedRoots } from './named-files.ts'
import { blobPorts, type Authorise } from './dataset/serving.ts'
import { Disclosure } from './disclosure/disclosure.ts'
import { confirmFile, GrantedFiles, recordSent } from './disclosure/files.ts'
import { startEscrow } from './escrowing.ts'
import { peerOf } from './contacts.ts'
import { events } from './events.ts'
import { endOf } from './log/epochs.ts'
import type { CandorNode } from './node.ts'
import type { Opened } from './opening.ts'

/** Mean time between two batches of leaves that account for disclosures. */
const ACCOUNT_MS = 3_600_000

/** Answers requests for detail, for shares, and for blocks of files from now on. */
export async function startDisclosing(node: CandorNode): Promise<void> {
  await node.disclosure.start()
  await startEscrow(node)
  await serveDataSets(node)
}

/** To whom a grant of ours gives them. */
async function serveDataSets({ dataSets, clock, disclosure, network }: CandorNode): Promise<void> {
  const { gate } = disclosure
  dataSets.open()
  const granted = new GrantedFiles(gate)
  const authorise: Authorise = async (grant, peer) => {
    const roots = await granted.at(grant, (key) => isPeerKey(key, peer))
    return roots.length === 0 ? { allowed: false } : { allowed: true, roots }
  }
  await network.serveBlobs(
    blobPorts({
      sets: dataSets,
      clock,
      authorise,
      record: (served) => recordSent(gate, served),
      confirm: (confirmed, peer) => confirmFile(gate, confirmed, (key) => isPeerKey(key, peer)),
    }),
  )
}

/** The files that are to go, by what names files of ours. */
export function forgottenOf({
  opened: { database },
  dataSets: sets,
  sealer,
  drafts,
}: Pick<CandorNode, 'opened' | 'dataSets' | 'sealer' | 'drafts'>): ForgottenFiles {
  return new ForgottenFiles({ store: database, sets, named: () => namedRoots(database, sealer, drafts) })
}

function isPeerKey(key: Uint8Array, peer: string): boolean {
  const admitted = admitKey(key)
  return admitted.ok && peerOf(admitted.value) === peer
}

type Disclosing = Pick<
  CandorNode,
  'clock' | 'random' | 'sealer' | 'keys' | 'publisher' | 'network' | 'readOnly' | 'forgotten' | 'watermarks'
>

export function disclosureOf(
  node: Disclosing,
  opened: Opened,
  accountMs: number | undefined = ACCOUNT_MS,
): Disclosure {
  const { clock, random, sealer } = node
  const { evidence, logs } = opened
  return new Disclosure(opened, {
    clock,
    random,
    sealer,
    signer: () => node.keys.signer('statement'),
    isOver: (origin) => evidence.frozen(origin) !== undefined || endOf(logs, origin) !== undefined,
    mayPublish: () => node.readOnly() === undefined,
    publish: (contents) => node.publisher.publish(contents),
    talk: (domain) => node.network.talkAccess(domain),
    serve: (answer) => node.network.serveAccess(answer),
    onError: events.failed,
    mark: (root, request) => node.watermarks.mark(root, request),
    forgetFiles: () => node.forgotten.run(),
    accountMs,
  })
}
