// Checks what Candor makes with @sigstore/verify and @auth0/cose, and nothing of Candor's:
//
//   node verify.mjs proof VKEY PROOF         a C2SP .tlog-proof: its head is signed and the entry is under it
//   node verify.mjs statement KEY ENTRY      a signed statement (COSE_Sign1); KEY in hexadecimal
//
// It prints what it found and ends with 0, or says why not and ends with 1.
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Sign1 } from '@auth0/cose'
import checkpoints from '@sigstore/verify/dist/tlog/checkpoint.js'
import merkle from '@sigstore/verify/dist/tlog/merkle.js'

const [command, key = '', path = ''] = process.argv.slice(2)

function say(line) {
  process.stdout.write(`${line}\n`)
}

/** RFC 8410: the fixed head of a DER public key before its 32 bytes. */
function publicKeyOf(raw) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

/** The proof as an entry of sigstore's log, whose form it nearly has. */
function checkProof(vkey, file) {
  const [name, keyId] = vkey.split('+')
  const raw = Buffer.from(vkey.slice(name.length + keyId.length + 2), 'base64')
  const tlog = { logID: Buffer.from(keyId, 'hex'), baseURL: name, publicKey: publicKeyOf(raw.subarray(1)) }
  const split = file.indexOf('\n\n')
  const [header, extra, index, ...hashes] = file.slice(0, split).split('\n')
  if (header !== 'c2sp.org/tlog-proof@v1') throw new Error('not a tlog-proof')
  const entry = {
    canonicalizedBody: Buffer.from(extra.slice('extra '.length), 'base64'),
    inclusionProof: {
      checkpoint: { envelope: file.slice(split + 2) },
      logIndex: index.slice('index '.length),
      hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    },
  }
  const head = checkpoints.verifyCheckpoint(entry, [tlog])
  if (head.origin !== name) throw new Error('not the key of this log')
  merkle.verifyMerkleInclusion(entry, head)
  return `ok: entry ${entry.inclusionProof.logIndex} is in ${head.origin} under size ${head.logSize}`
}

async function checkStatement(hex, bytes) {
  const sign1 = await Sign1.decode(bytes)
  await sign1.verify(publicKeyOf(Buffer.from(hex, 'hex')))
  return `ok: a statement signed with this key, ${sign1.payload.length} bytes`
}

try {
  if (command === 'proof') say(checkProof(key, readFileSync(path, 'utf8')))
  else if (command === 'statement') say(await checkStatement(key, readFileSync(path)))
  else throw new Error('usage: verify.mjs proof VKEY PROOF, or verify.mjs statement KEY ENTRY')
} catch (error) {
  say(`NOT SHOWN: ${error.message}`)
  process.exitCode = 1
}
