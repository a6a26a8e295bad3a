/** The least a verified log must do: frames over TCP, every signature checked on one thread, batches synced to `level`. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'

/** An entry of about 400 bytes and a public part of about 1 KB. */
const RECORD_BYTES = 1_424
const BATCH = 256
const SIGNATURE_BYTES = 64
const KEY_BYTES = 44

/** Serves `count` signed records to one connection, then ends. */
export async function sendRaw(count: number, onPort: (port: number) => void): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const spki = publicKey.export({ format: 'der', type: 'spki' })
  const records = Array.from({ length: count }, () => {
    const record = randomBytes(RECORD_BYTES)
    return Buffer.concat([sign(null, record.subarray(0, 400), key), record])
  })
  const server = createServer((socket) => {
    socket.write(spki)
    for (let at = 0; at < records.length; at += BATCH)
      socket.write(Buffer.concat(records.slice(at, at + BATCH)))
    socket.end(() => process.exit(0))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  onPort(typeof address === 'object' && address !== null ? address.port : 0)
}

/** Receives them; records per second from the first byte to the last sync. */
export async function receiveRaw(port: number, count: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-bench-'))
  const level = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  await level.open()
  const size = SIGNATURE_BYTES + RECORD_BYTES
  let pending = Buffer.alloc(0)
  let key: ReturnType<typeof createPublicKey> | undefined
  let received = 0
  let begun = 0
  for await (const chunk of connect(port, '127.0.0.1')) {
    if (begun === 0) begun = performance.now()
    pending = Buffer.concat([pending, chunk as Buffer])
    if (key === undefined && pending.length >= KEY_BYTES) {
      key = createPublicKey({ key: pending.subarray(0, KEY_BYTES), format: 'der', type: 'spki' })
      pending = pending.subarray(KEY_BYTES)
    }
    const batch = []
    if (key === undefined) continue
    for (; pending.length >= size; received++) {
      const record = Buffer.from(pending.subarray(SIGNATURE_BYTES, size))
      const valid = verify(null, record.subarray(0, 400), key, pending.subarray(0, SIGNATURE_BYTES))
      if (!valid) throw new Error('a bad signature')
      const at = Buffer.alloc(6)
      at.writeUIntBE(received, 0, 6)
      batch.push({ type: 'put' as const, key: at, value: record })
      pending = pending.subarray(size)
    }
    if (batch.length > 0) await level.batch(batch, { sync: true })
  }
  if (received !== count) throw new Error(`${received} of ${count} arrived`)
  const rate = count / ((performance.now() - begun) / 1_000)
  await level.close()
  rmSync(directory, { recursive: true })
  return rate
}
