/**
 * Somebody who asks for detail without a node: two keys and a libp2p host that speaks `access/1`, nothing else. What
 * it says is up to the test; every byte that comes back is kept.
 */
import { CIPHERTEXT_BYTES_MAX } from '../../protocol/limits.ts'
import {
  parseAccessAnswer,
  printAccessMessage,
  type AccessAnswer,
  type AccessMessage,
} from '../../protocol/access/message.ts'
import { parseRelease, type Release } from '../../protocol/access/release.ts'
import type { Request } from '../../protocol/access/request.ts'
import { accessId, parseAccess } from '../../protocol/access/signed.ts'
import type { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { Frames } from '../../node/net/framing.ts'
import { protocolsOf } from '../../node/net/protocols.ts'
import { hpkeOpener } from '../../node/disclosure/hpke.ts'
import { openPart } from '../../node/disclosure/seal.ts'
import { stateAccess } from '../../node/disclosure/statements.ts'
import { REQUEST_BYTES_MAX } from '../../node/net/limits.ts'
import { parseRequest, printAnswer, type Answer } from '../../protocol/sync/message.ts'
import { startRawPeer, type RawPeer } from './raw-peer.ts'

export type Heard = { readonly answer: AccessAnswer; readonly ciphertext: Uint8Array | undefined }

export type Owner = { readonly port: number; readonly peer: string }

const TRIES_MAX = 120

const NOTHING_NEW: Answer = {
  t: 'heads',
  same: true,
  notes: [],
  seen: null,
  struck: [],
  cosigned: new Uint8Array(32),
}

export class RawRequester {
  readonly keystore: Keystore
  readonly peer: RawPeer
  /** Every frame that came, as it came. */
  readonly received: Uint8Array[] = []
  private readonly protocol: string
  private readonly owner: Owner

  private constructor(keystore: Keystore, peer: RawPeer, protocol: string, owner: Owner) {
    this.keystore = keystore
    this.peer = peer
    this.protocol = protocol
    this.owner = owner
  }

  static async start(keystore: Keystore, networkId: string, owner: Owner): Promise<RawRequester> {
    const peer = await startRawPeer(keystore.nodeSeed(), networkId)
    // A member that does not answer at all would be cut off; this one has nothing to say.
    await peer.host.handle(protocolsOf(networkId).sync, async (stream) => {
      const frames = new Frames(stream)
      const signal = AbortSignal.timeout(10_000)
      const bytes = await frames.read(REQUEST_BYTES_MAX, signal).catch(() => undefined)
      const request = bytes && parseRequest(bytes)
      const news = request?.ok === true && request.value.t === 'frontier' ? [NOTHING_NEW] : []
      for (const answer of [...news, { t: 'end', reason: 'done' } as const])
        await frames.write(printAnswer(answer), signal).catch(() => undefined)
      await frames.end(signal)
    })
    return new RawRequester(keystore, peer, protocolsOf(networkId).access, owner)
  }

  get node(): Uint8Array {
    return this.keystore.signer('node').publicKey
  }

  get box(): Uint8Array {
    const [box] = this.keystore.boxKeys()
    if (box === undefined) throw new Error('bug: a keystore has a box key')
    return box
  }

  open() {
    return this.peer.open(this.owner.port, this.owner.peer, this.protocol)
  }

  signed(request: Request): Uint8Array {
    return stateAccess(native, this.keystore.signer('statement'), request).bytes
  }

  /** One message and its answer; asked again while the owner is busy, or when the connection was made anew. */
  async say(message: AccessMessage): Promise<Heard> {
    let failure: unknown
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      try {
        const heard = await this.sayOnce(printAccessMessage(message))
        if (heard.answer.kind !== 'wait') return heard
      } catch (error) {
        failure = error
      }
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    throw new Error('the owner gives no answer', { cause: failure })
  }

  /** Any bytes, and the answer to them. */
  async sayOnce(bytes: Uint8Array): Promise<Heard> {
    const frames = new Frames(await this.open())
    const signal = AbortSignal.timeout(10_000)
    try {
      await frames.write(bytes, signal)
      const frame = await this.read(frames, 300_000, signal)
      const answer = parseAccessAnswer(frame)
      if (!answer.ok) throw new Error(`no answer: ${answer.fault}`)
      const { value } = answer
      if (value.kind !== 'granted') return { answer: value, ciphertext: undefined }
      const chunks: Uint8Array[] = []
      for (let held = 0; held < value.offer.length; held += chunks.at(-1)?.length ?? 0)
        chunks.push(await this.read(frames, CIPHERTEXT_BYTES_MAX, signal))
      return { answer: value, ciphertext: new Uint8Array(Buffer.concat(chunks)) }
    } finally {
      await frames.end(signal)
    }
  }

  /** Signs for a grant, fetches the key and opens what came. */
  async openGrant(request: Request, signed: Uint8Array, { answer, ciphertext }: Heard): Promise<Release> {
    if (answer.kind !== 'granted' || ciphertext === undefined)
      throw new Error(`not granted: ${JSON.stringify(answer)}`)
    const [id, grant] = [idOf(signed), idOf(answer.grant)]
    const { network, tier, from } = request
    const { ciphertext: hash, keyCommitment } = answer.offer
    const at = Math.floor(Date.now() / 1_000)
    const signer = this.keystore.signer('statement')
    const body = { network, at, from, request: id, grant, ciphertext: hash, keyCommitment }
    const receipt = stateAccess(native, signer, { kind: 'receipt', ...body })
    const { answer: key } = await this.say({ kind: 'receipt', signed: receipt.bytes })
    if (key.kind !== 'key') throw new Error(`no key: ${JSON.stringify(key)}`)
    const context = { network, request: id, grant, tier, recipient: signer.keyId }
    const sealed = { offer: answer.offer, ciphertext, sealedKey: key.sealed }
    const opened = await this.keystore.withBox(this.box, (secret) =>
      hpkeOpener(secret).then((open) => openPart(native, context, open, sealed)),
    )
    const release = opened?.ok === true ? parseRelease(opened.value) : undefined
    if (release?.ok !== true) throw new Error('what came does not open')
    await this.say({ kind: 'confirm', request: id })
    return release.value
  }

  stop(): Promise<void> {
    return this.peer.stop()
  }

  private async read(frames: Frames, bytesMax: number, signal: AbortSignal): Promise<Uint8Array> {
    const frame = await frames.read(bytesMax, signal)
    if (frame === undefined) throw new Error('the stream ended')
    this.received.push(frame)
    return frame
  }
}

function idOf(bytes: Uint8Array): Uint8Array {
  const signed = parseAccess(bytes)
  if (!signed.ok) throw new Error(`bug: ${signed.fault}`)
  return accessId(native, signed.value)
}
