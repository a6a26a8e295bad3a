/** A log of somebody else, as any C2SP log operator might run it: its own origin, key, heads and proofs. */
import { request } from 'node:http'
import { native } from '../../node/keys/native.ts'
import { bytesOfText, printBase64 } from '../../protocol/bytes.ts'
import { printAddCheckpoint } from '../../protocol/log/add-checkpoint.ts'
import { noteKeyId, printNote, printVerifierKey, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { testKey, type TestKey } from './notes.ts'
import { consistencyOf, rootOf, treeOf, type ReferenceTree } from './tree.ts'

export class ForeignLog {
  readonly origin: string
  readonly key: TestKey
  private readonly tree: ReferenceTree

  /** Two logs of different `salt` part after their first five entries. */
  constructor({ origin = 'log.stranger.example/2026h2', seed = 41, salt = 0, size = 400 } = {}) {
    this.origin = origin
    this.key = testKey(seed)
    this.tree = treeOf(
      Array.from({ length: size }, (_, n) => native.sha256(Uint8Array.of(n >> 8, n & 255, n < 5 ? 0 : salt))),
    )
  }

  vkey(): string {
    return printVerifierKey(native, {
      name: this.origin,
      type: SIGNATURE_TYPE.ed25519,
      key: this.key.key,
    })
  }

  text(size: number, extension = ''): string {
    return `${this.origin}\n${size}\n${printBase64(rootOf(this.tree, 0n, BigInt(size)))}\n${extension}`
  }

  note(size: number, extension = ''): Uint8Array {
    const text = this.text(size, extension)
    const keyId = noteKeyId(native, this.origin, SIGNATURE_TYPE.ed25519, this.key.key)
    return printNote({
      text,
      signatures: [{ name: this.origin, keyId, bytes: this.key.sign(bytesOfText(text)) }],
    })
  }

  /** An honest request from one size to another. */
  request(oldSize: number, size: number, extension = ''): Uint8Array {
    const isProven = oldSize > 0 && oldSize < size
    const proof = isProven ? consistencyOf(this.tree, BigInt(oldSize), BigInt(size)) : []
    return printAddCheckpoint({ oldSize, proof, note: this.note(size, extension) })
  }
}

export type Answered = { readonly status: number; readonly type: string; readonly body: Uint8Array }

export type Posting = { readonly path?: string; readonly method?: string; readonly headers?: object }

/** Posts to a witness on this machine. Rejects where the connection breaks. */
export function post(port: number, body: Uint8Array, posting: Posting = {}): Promise<Answered> {
  const { path = '/add-checkpoint', method = 'POST', headers = {} } = posting
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { ...headers } })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: new Uint8Array(Buffer.concat(parts)),
        }),
      )
    })
    sent.end(body)
  })
}
