/**
 * Makes `test/vectors/keys.json` of spec 02 §3: epoch documents, runs of key events, and the epochs of one
 * member in order. `node dist/test/support/key-vectors.js --write` writes it; a test makes it again and compares.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import type { Head } from '../../protocol/codec/statement.ts'
import { printEpoch, readEpoch, type EpochDocument } from '../../protocol/identity/epoch.ts'
import { judgeEpochs } from '../../protocol/identity/epochs.ts'
import { applyKeyEvent, openKeyState, signerAt, suspectSince } from '../../protocol/identity/keystate.ts'
import { portable } from '../../protocol/primitives.ts'
import { adding, declared, epochDocument, headAt, originOf, PURPOSE_BYTES, valueOf } from './declared.ts'
import { hex } from './notation.ts'

export function keyVectors(): string {
  const vectors = {
    description:
      'Epochs and key events of spec 02 §3. Bytes are in hexadecimal; the possessions are real signatures.',
    epochs: EPOCHS.map(([name, document]) => epochVector(name, document)),
    events: eventVectors(),
    chains: CHAINS.map(([name, held]) => chainVector(name, held)),
  }
  return `${JSON.stringify(vectors, null, 1)}\n`
}

const proof = new Uint8Array(32).fill(7)
const previous = headAt(1, 40)
const first = epochDocument(1)
const EPOCHS: readonly [string, EpochDocument][] = [
  ['the first of a log', first],
  ['the second, under a new log key', epochDocument(2, { previous })],
  ['the second, after a fork', epochDocument(2, { previous, because: { proof, text: 'Two machines.' } })],
  ['the second, after a loss', epochDocument(2, { because: { proof: null, text: 'All copies are lost.' } })],
  ['a first one that follows a head', epochDocument(1, { previous })],
  ['a second one that follows nothing', epochDocument(2)],
  ['one that follows itself', epochDocument(2, { previous: headAt(2, 40) })],
  ['one without a node key', { ...first, keys: first.keys.filter(({ purpose }) => purpose !== 'node') }],
  ['one with two log keys', { ...first, keys: [...first.keys, declared('log', 11)] }],
  ['one key for two purposes', { ...first, keys: [...first.keys, declared('witness', 4)] }],
  ['keys proven for another epoch', epochDocument(2, { previous, keys: first.keys })],
]

function epochVector(name: string, document: EpochDocument) {
  const origin = originOf(document.epoch)
  const read = readEpoch(portable, origin, valueOf(document))
  return { name, origin, document: hex(printEpoch(document)), verdict: read.ok ? 'ok' : read.fault }
}

const old = declared('statement', PURPOSE_BYTES.statement)
const young = declared('statement', 20)
const log = declared('log', PURPOSE_BYTES.log)
const EVENTS: readonly [index: number, string, Value][] = [
  [5, 'retires the last statement key', { v: 1, retire: old.keyId }],
  [6, 'retires the log key', { v: 1, retire: log.keyId }],
  [7, 'adds a log key', adding(declared('log', 21))],
  [8, 'adds a key that another log proved', adding(declared('statement', 20, originOf(2)))],
  [10, 'adds a statement key', adding(young)],
  [11, 'adds it again', adding(young)],
  [20, 'retires the old one', { v: 1, retire: old.keyId }],
  [30, 'revokes from above itself', { v: 1, revoke: [young.keyId, 31] }],
  [31, 'revokes the last statement key', { v: 1, revoke: [young.keyId, 15] }],
  [32, 'adds a third', adding(declared('statement', 22))],
  [33, 'revokes the second backwards', { v: 1, revoke: [young.keyId, 15] }],
]

/** Each event is applied to the state that the accepted ones before it lead to. */
function eventVectors() {
  let state = openKeyState(portable, originOf(1), first)
  const events = EVENTS.map(([index, name, document]) => {
    const next = applyKeyEvent(portable, state, index, document)
    if (next.ok) state = next.value
    return { name, index, event: hex(encode(document)), verdict: next.ok ? 'ok' : next.fault }
  })
  const signers = [9, 14, 15, 20, 33, 34].flatMap((index) =>
    [old, young].map(({ keyId }) => {
      const signer = signerAt(state, 'incident', keyId, index)
      const suspect = suspectSince(state, keyId, index) !== undefined
      return { keyId: hex(keyId), index, verdict: signer.ok ? 'ok' : signer.fault, suspect }
    }),
  )
  return { origin: originOf(1), epoch: hex(printEpoch(first)), events, signers }
}

/** `roots`: of the tree that a quorum confirmed, at the sizes at which they are asked for. */
type Confirmed = { readonly size: number; readonly roots: readonly (readonly [number, Uint8Array])[] }
type Link = readonly [epoch: number, previous: Head | null, confirmed: number | Confirmed, proof?: Uint8Array]
const CHAINS: readonly [string, readonly Link[]][] = [
  ['one epoch', [[1, null, 0]]],
  [
    'two, closed at a confirmed head',
    [
      [1, null, 40],
      [2, previous, 0],
    ],
  ],
  [
    'two, closed at a head that nobody confirmed',
    [
      [1, null, 0],
      [2, previous, 0],
    ],
  ],
  [
    'two, with confirmed entries left behind',
    [
      [1, null, 50],
      [2, previous, 0],
    ],
  ],
  [
    'two, closed at a head that contradicts what was confirmed',
    [
      [1, null, { size: 50, roots: [[40, new Uint8Array(32).fill(1)]] }],
      [2, previous, 0],
    ],
  ],
  [
    'two, closed at a confirmed head of which the tree is not held',
    [
      [1, null, { size: 50, roots: [] }],
      [2, previous, 0],
    ],
  ],
  [
    'two, closed at a confirmed head, because of a proof',
    [
      [1, null, 40],
      [2, previous, 0, proof],
    ],
  ],
  [
    'three, of which the second is left out',
    [
      [1, null, 0],
      [2, previous, 3],
      [3, headAt(1, 41), 0],
    ],
  ],
  [
    'the second is not held',
    [
      [1, null, 0],
      [3, headAt(2, 5), 0],
    ],
  ],
  [
    'the first is lost',
    [
      [1, null, 9],
      [2, null, 0],
    ],
  ],
]

function chainVector(name: string, links: readonly Link[]) {
  const given = links.map(([epoch, from, confirmed, by]) => {
    const { size, roots } =
      typeof confirmed === 'number'
        ? { size: confirmed, roots: confirmed >= 40 ? ([[40, previous.root]] as const) : [] }
        : confirmed
    return {
      epoch,
      from,
      size,
      roots,
      because: by === undefined ? null : { proof: by, text: 'Two machines.' },
    }
  })
  const held = given.map(({ epoch, from, size, roots, because }) => {
    const rootAt = (at: number) => roots.find(([of]) => of === at)?.[1]
    const document = { ...first, epoch, previous: from, because }
    return { origin: originOf(epoch), document, confirmed: { size, rootAt } }
  })
  const judged = judgeEpochs(held).map(({ state, closing, cutShort, ...rest }) => {
    const shown = state.kind === 'closed' ? { ...state, at: headJson(state.at) } : state
    return { ...rest, state: shown, closing: closing ?? null, cutShort: cutShort ?? null }
  })
  return {
    name,
    held: given.map(({ epoch, from, size, roots, because }) => ({
      origin: originOf(epoch),
      previous: from === null ? null : headJson(from),
      proof: because === null ? null : hex(because.proof),
      confirmed: { size, roots: roots.map(([at, root]) => [at, hex(root)]) },
    })),
    judged,
  }
}

function headJson({ origin, size, root }: Head) {
  return { origin, size, root: hex(root) }
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write') writeFileSync('test/vectors/keys.json', keyVectors())
