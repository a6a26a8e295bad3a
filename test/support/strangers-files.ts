/** A small coalition, and the files of it that spec 09 checks. The equivocation is made here, with a member's real log key. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { clientOf, type Client } from '../../node/api/client.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { runNode, type RunningNode } from '../../node/run.ts'
import { parseSignedCheckpoint, printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { cosign, printCosignerName } from '../../protocol/log/cosignature.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveCosigner, proveTree } from '../../protocol/log/equivocation-maker.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { printProofFile } from '../../protocol/log/proof-file.ts'
import { makeCoalition, type Coalition } from './coalition.ts'
import { LyingCosigner } from './cosigner-lies.ts'
import { holdAlike } from './held.ts'
import { consistencyOf, rootOf, treeOf } from './tree.ts'
import { until } from './until.ts'

export type StrangersFiles = {
  readonly env: Readonly<Record<string, string>>
  readonly charter: string
  readonly stop: () => Promise<void>
}

const RECORDS = 9

export async function makeStrangersFiles(directory: string): Promise<StrangersFiles> {
  const coalition = await makeCoalition(3)
  const running: RunningNode[] = []
  for (const { home } of coalition.members) {
    const { charterFile } = coalition
    running.push(await runNode({ home, passphrase: undefined, charterFile, tickMs: 200 }))
  }
  const [a, b] = coalition.members
  assert.ok(a && b)
  const client = clientOf({ socket: a.home.socket, timeoutMs: 20_000, startCommand: 'candor up' })
  const clients = coalition.members.map(({ home }) =>
    clientOf({ socket: home.socket, timeoutMs: 20_000, startCommand: 'candor up' }),
  )
  await until('all may sign', async () =>
    (await Promise.all(clients.map((one) => one.status()))).every(({ state }) => state === 'ok'),
  )
  await until('everybody holds the log of everybody', () => holdAlike(clients, 3))
  const written = await running[0]
    ?.node()
    .publisher.publish(
      Array.from({ length: RECORDS }, (_, i) => ({ kind: 'incident', public: { title: `Incident ${i}` } })),
    )
  const index = written?.[4]?.index ?? 0
  await writeProof(directory, client, index)
  await writeCosigned(directory, client, coalition)
  await writeFork(directory, client, coalition)
  await writeLyingCosigner(directory, client, coalition)
  const charter = join(directory, 'charter.candor')
  copyFileSync(coalition.charterFile, charter)
  return {
    env: { ...commandLine(directory), CANDOR_HOME: a.home.directory },
    charter,
    stop: async () => {
      await Promise.all(running.map(({ stop }) => stop()))
      coalition.remove()
    },
  }
}

async function writeProof(directory: string, client: Client, index: number): Promise<void> {
  const { entry, note, proof } = await client.inclusion(undefined, index, undefined)
  const signed = parseSignedCheckpoint(note)
  assert.ok(signed.ok)
  writeFileSync(
    join(directory, 'record.tlog-proof'),
    printProofFile({ entry, index, proof, signed: signed.value }),
  )
}

/** The head with a line that b's mirror key signed. */
async function writeCosigned(directory: string, client: Client, { members }: Coalition): Promise<void> {
  const [, b] = members
  const signed = parseSignedCheckpoint(await client.head(undefined))
  assert.ok(b && signed.ok)
  const { note } = signed.value
  const { publicKey: key, sign } = Keystore.open(b.home.keys, undefined).signer('mirror')
  const name = printCosignerName(b.domain, 'mirror')
  const line = cosign(native, { name, key }, { text: note.text, time: 1_700_000_000 }, sign)
  const cosigned = printNote({ ...note, signatures: [...note.signatures, line] })
  writeFileSync(join(directory, 'cosigned.note'), cosigned)
}

/** a's log key signs a second history, in which entry 3 was rewritten. */
async function writeFork(directory: string, client: Client, { members }: Coalition): Promise<void> {
  const [a] = members
  const signed = parseSignedCheckpoint(await client.head(undefined))
  assert.ok(a && signed.ok)
  const { origin, size } = signed.value.checkpoint
  const { entries } = await client.entries(undefined, 0, size)
  const leaves = entries.map((entry) => leafHash(native, entry))
  const rewritten = treeOf([...leaves.with(3, leafHash(native, new Uint8Array(9))), new Uint8Array(32)])
  const { publicKey, sign } = Keystore.open(a.home.keys, undefined).logSigner(1)
  const root = rootOf(rewritten, 0n, BigInt(size) + 1n)
  const proven = proveTree(native, {
    subject: { name: origin, type: SIGNATURE_TYPE.ed25519, key: publicKey },
    a: await client.head(undefined),
    b: printSignedCheckpoint(native, { origin, size: size + 1, root }, publicKey, sign),
    prefixRoot: rootOf(rewritten, 0n, BigInt(size)),
    proof: consistencyOf(rewritten, BigInt(size), BigInt(size) + 1n),
  })
  assert.ok(proven.ok)
  writeFileSync(join(directory, 'fork.equivocation'), printEquivocation(native, proven.value))
}

/** b's mirror key stands behind a's head, and behind a smaller one at a later time. */
async function writeLyingCosigner(directory: string, client: Client, coalition: Coalition): Promise<void> {
  const [, b] = coalition.members
  const newest = await client.head(undefined)
  const signed = parseSignedCheckpoint(newest)
  assert.ok(b && signed.ok)
  const { origin } = signed.value.checkpoint
  const liar = new LyingCosigner(coalition, 1, 'mirror')
  const before = {
    origin,
    size: 1,
    root: leafHash(native, (await client.entries(undefined, 0, 1)).entries[0] ?? new Uint8Array(0)),
  }
  const proven = proveCosigner(native, {
    subject: {
      name: printCosignerName(b.domain, 'mirror'),
      type: SIGNATURE_TYPE.cosignature,
      key: liar.key(),
    },
    a: liar.invented(before, 1_700_000_060),
    b: liar.over(newest, origin, 1_700_000_000),
  })
  assert.ok(proven.ok)
  writeFileSync(join(directory, 'cosigner.equivocation'), printEquivocation(native, proven.value))
}

/** A PATH on which `candor` is the one that was built here. */
function commandLine(directory: string): Readonly<Record<string, string>> {
  for (const name of ['bin', 'lib']) mkdirSync(join(directory, name))
  const link = join(directory, 'lib', 'candor')
  symlinkSync(resolve('dist/cli/main.js'), link)
  writeFileSync(join(directory, 'bin', 'candor'), `#!/bin/sh\nexec '${process.execPath}' '${link}' "$@"\n`, {
    mode: 0o755,
  })
  return { PATH: `${join(directory, 'bin')}:/usr/bin:${process.env['PATH'] ?? ''}`, HOME: directory }
}
