/**
 * The data sets of a node: files of our own that can be granted, and files granted to us, each encrypted in a directory
 * of its own under `data-sets/` of the home. Spec 11 §4.
 *
 * Invariants: nothing is written that is not sealed; a copy that is not whole is in no list and is not served; whoever
 * overwrites a head has erased the copy.
 */
import { existsSync, readdirSync, statfsSync } from 'node:fs'
import { equal, printHex } from '../../protocol/bytes.ts'
import { isManifestPath } from '../../protocol/dataset/path.ts'
import { blockCount } from '../../protocol/dataset/blocks.ts'
import { HASH_BYTES } from '../../protocol/log/merkle.ts'
import { FILE_KEY_BYTES } from '../../protocol/dataset/stream.ts'
import { FILE_BYTES_MAX } from '../../protocol/limits.ts'
import { NodeError } from '../errors.ts'
import { makePrivateDirectory, removeDirectory } from '../keys/files.ts'
import { systemRandom } from '../keys/random.ts'
import type { Sealer } from '../ports.ts'
import { CELL_BYTES } from './cell.ts'
import { copyIdOf, filesOf, isKind, newCopyId, type Copy } from './copy.ts'
import {
  openHead,
  shredHead,
  writeHead,
  type GrantedHead,
  type Head,
  type ImportingHead,
  type OwnHead,
} from './head.ts'
import { importInto, mend } from './importer.ts'
import { openReader, type Readable } from './reader.ts'
import { Receiving } from './receiving.ts'

export type FileSource = {
  readonly path: string
  readonly bytes: number
  readonly body: AsyncIterable<Uint8Array>
}

/** A file that was granted: what manifest and grant say of it. */
export type GrantedFile = {
  readonly path: string
  readonly root: Uint8Array
  readonly bytes: number
  readonly contentKey: Uint8Array
  readonly grant: Uint8Array
}

/** Room that is left to everything else on the disk. */
const SPARE_BYTES = 64 * 1_048_576

export class DataSets {
  private readonly directory: string
  private readonly sealer: Sealer
  // Written by `open`, `keep` and `erase` only.
  private readonly copies = new Map<string, Copy>()
  // Copies whose erasure has begun; the disk may have refused it. Written by `erase` only.
  private readonly going = new Set<string>()
  // Written by `claim` only: copies that somebody is writing to.
  private readonly busy = new Set<string>()
  /** Directories whose head does not open: another vault's, or damaged. They are left alone. */
  readonly unreadable: string[] = []

  constructor(directory: string, sealer: Sealer) {
    this.directory = directory
    this.sealer = sealer
  }

  /** Reads the heads, and removes what an interrupted erasure left. */
  open(): void {
    if (!existsSync(this.directory)) return
    for (const name of readdirSync(this.directory)) {
      const id = copyIdOf(name)
      if (id !== undefined) this.openCopy(id, name)
    }
  }

  /** Files of ours and files granted to us; of those being read in, none. */
  list(): readonly Copy[] {
    return [...this.copies.values()].filter(({ id, head }) => head.kind !== 'importing' && this.isHeld(id))
  }

  /** A file of ours, committed or marked, by its root: what can be served. */
  served(root: Uint8Array): Copy | undefined {
    return this.list().find(({ head }) => head.kind !== 'granted' && isRoot(head, root))
  }

  /** A file of ours by the root that was committed. */
  own(root: Uint8Array): Copy<OwnHead> | undefined {
    return this.ownCopies(root)[0]
  }

  /** All copies of a file of ours: under another path it is another one. */
  ownCopies(root: Uint8Array): readonly Copy<OwnHead>[] {
    return this.list().filter((copy): copy is Copy<OwnHead> => isKind(copy, 'own') && isRoot(copy.head, root))
  }

  /** A copy by its id, also one whose erasure has begun. */
  copy(id: Uint8Array): Copy | undefined {
    return this.copies.get(printHex(id))
  }

  /** What came under a grant, also what is being erased. */
  copiesUnder(grant: Uint8Array): readonly Copy[] {
    return [...this.copies.values()].filter(
      (copy) => isKind(copy, 'granted') && equal(copy.head.grant, grant),
    )
  }

  granted(grant: Uint8Array): readonly Copy<GrantedHead>[] {
    return this.list().filter(
      (copy): copy is Copy<GrantedHead> => isKind(copy, 'granted') && equal(copy.head.grant, grant),
    )
  }

  /**
   * Reads a file in and answers when it is whole on the disk. The same file under the same path is kept once. `onRead` is
   * awaited when all of it is there, before it counts.
   */
  async import(
    { path, bytes, body }: FileSource,
    onRead: (copy: Copy) => Promise<void> = () => Promise.resolve(),
  ): Promise<Copy<OwnHead>> {
    if (!isManifestPath(path) || bytes > FILE_BYTES_MAX) throw badFile(path)
    const begun = [...this.copies.values()].find(
      (one): one is Copy<ImportingHead> =>
        isKind(one, 'importing') && one.head.path === path && one.head.bytes === bytes,
    )
    if (begun === undefined) this.checkRoom(bytes)
    const copy = begun ?? this.make(importing(path, bytes))
    // Until nothing is read from it any more either.
    const release = this.claim(copy)
    return this.readIn(copy, body, onRead).finally(release)
  }

  /** Takes in a file that was granted, or goes on with it. */
  async receive({ path, root, bytes, contentKey, grant }: GrantedFile): Promise<Receiving> {
    if (!isManifestPath(path) || bytes > FILE_BYTES_MAX) throw badFile(path)
    const begun = this.granted(grant).find((copy) => isRoot(copy.head, root))
    if (begun === undefined) this.checkRoom(bytes)
    const head: GrantedHead = {
      kind: 'granted',
      path,
      root,
      bytes,
      contentKey,
      grant,
      isWhole: false,
    }
    const copy = begun ?? this.make(head)
    const onClosed = this.claim(copy)
    const onWhole = (isWhole: boolean) => {
      if (this.isHeld(copy.id)) this.keep({ ...copy, head: { ...copy.head, isWhole } })
    }
    return Receiving.open(copy, { onWhole, onClosed })
  }

  /** Writes a head for a new or a finished copy; from then on it counts. */
  keep<H extends Head>(copy: Copy<H>): Copy<H> {
    writeHead(copy.files.head, copy.id, copy.head, this.sealer)
    this.copies.set(printHex(copy.id), copy)
    return copy
  }

  /** A new copy; `fill` writes what has to be there before the head says that it is. */
  make<H extends Head>(head: H, fill: (copy: Copy<H>) => void = () => undefined): Copy<H> {
    const id = newCopyId()
    const copy = { id, files: filesOf(this.directory, id), head }
    makePrivateDirectory(copy.files.directory)
    fill(copy)
    return this.keep(copy)
  }

  /** To read the blocks of a copy. Of a file that is not whole some are missing. */
  reader(copy: Copy): Promise<Readable> {
    return openReader(
      copy,
      (root) => this.own(root),
      () => this.isHeld(copy.id),
    )
  }

  /**
   * Crypto-shredding: the key is overwritten first, then the rest is removed. From then on the copy is in no list. Where the
   * disk refuses, this throws and can be called again.
   */
  erase(copy: Copy): void {
    this.going.add(printHex(copy.id))
    // What was made of it for single readers holds the same key and cannot be read without it.
    if (isKind(copy, 'own') && this.own(copy.head.root) === undefined) this.eraseMarked(copy.head.root)
    if (existsSync(copy.files.head)) shredHead(copy.files.head)
    removeDirectory(copy.files.directory)
    this.copies.delete(printHex(copy.id))
    this.going.delete(printHex(copy.id))
  }

  private async readIn(
    copy: Copy<ImportingHead>,
    body: FileSource['body'],
    onRead: (copy: Copy) => Promise<void>,
  ): Promise<Copy<OwnHead>> {
    const head = await importInto(copy, body)
    await onRead(copy)
    const known = this.list().find(
      (one): one is Copy<OwnHead> =>
        isKind(one, 'own') && isRoot(one.head, head.root) && one.head.path === head.path,
    )
    if (known === undefined) return this.keep({ ...copy, head })
    await mend(known, copy)
    this.erase(copy)
    return known
  }

  private isHeld(id: Uint8Array): boolean {
    return this.copies.has(printHex(id)) && !this.going.has(printHex(id))
  }

  private eraseMarked(base: Uint8Array): void {
    for (const copy of this.copies.values())
      if (isKind(copy, 'marked') && equal(copy.head.base, base)) this.erase(copy)
  }

  /** One at a time reads into a copy: two would write over one another. */
  private claim(copy: Copy): () => void {
    const name = printHex(copy.id)
    if (this.busy.has(name)) {
      throw new NodeError('CONFLICT', `${JSON.stringify(copy.head.path)} is being read in already`, {
        fix: 'wait until it is done: candor data-set list',
      })
    }
    this.busy.add(name)
    return () => this.busy.delete(name)
  }

  private openCopy(id: Uint8Array, name: string): void {
    const files = filesOf(this.directory, id)
    // A directory without a head holds nothing that can ever be read again.
    const head = existsSync(files.head) ? this.headOf(id, files.head) : 'erased'
    if (head === 'erased') removeDirectory(files.directory)
    else if (head === 'unreadable') this.unreadable.push(name)
    else this.copies.set(name, { id, files, head })
  }

  private headOf(id: Uint8Array, path: string): Head | 'erased' | 'unreadable' {
    try {
      return openHead(path, id, this.sealer) ?? 'erased'
    } catch (error) {
      if (error instanceof NodeError && error.code === 'STORE_DAMAGED') return 'unreadable'
      throw error
    }
  }

  /** Better said before an hour of reading than after it. */
  private checkRoom(bytes: number): void {
    makePrivateDirectory(this.directory)
    const { bavail, bsize } = statfsSync(this.directory)
    const needed = blockCount(bytes) * (CELL_BYTES + HASH_BYTES) + SPARE_BYTES
    if (bavail * bsize >= needed) return
    throw new NodeError(
      'STORE_FULL',
      `the disk that holds ${this.directory} has no room for ${bytes} bytes`,
      {
        fix: 'free some space and try again',
      },
    )
  }
}

function isRoot(head: Head, root: Uint8Array): boolean {
  return head.kind !== 'importing' && equal(head.root, root)
}

function importing(path: string, bytes: number): ImportingHead {
  return { kind: 'importing', path, bytes, contentKey: systemRandom.bytes(FILE_KEY_BYTES) }
}

function badFile(path: string): NodeError {
  return new NodeError('BAD_INPUT', `${JSON.stringify(path)} cannot be the path of a file in a manifest`, {
    fix: 'a relative path of plain names, such as data/rows.csv',
  })
}
