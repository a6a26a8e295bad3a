/** A thread that signs and verifies what it is sent. It knows nothing else. */
import '../runtime.ts'
import { sign } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { assert } from '../../protocol/assert.ts'
import { verifySignature } from '../../protocol/identity/signature.ts'
import { native } from './native.ts'
import { SIGNATURE_BYTES, unpack, type Answer, type Order } from './signature-order.ts'

const port = parentPort
assert(port !== null, 'this file is run as a worker')

port.on('message', ({ id, order }: { id: number; order: Order }) => {
  try {
    const bytes = order.what === 'sign' ? signAll(order) : verifyAll(order)
    port.postMessage({ id, bytes } satisfies Answer, [bytes.buffer])
  } catch (error) {
    port.postMessage({ id, failure: String(error) } satisfies Answer)
  }
})

function signAll(order: Extract<Order, { what: 'sign' }>): Uint8Array<ArrayBuffer> {
  const signatures = new Uint8Array(order.ends.length * SIGNATURE_BYTES)
  for (const [place, message] of unpack(order).entries())
    signatures.set(sign(null, message, order.key), place * SIGNATURE_BYTES)
  return signatures
}

function verifyAll(order: Extract<Order, { what: 'verify' }>): Uint8Array<ArrayBuffer> {
  const strings = unpack(order)
  return Uint8Array.from(order.keyOf, (keyPlace, place) => {
    const [key, message, signature] = [order.keys[keyPlace], strings[2 * place], strings[2 * place + 1]]
    assert(key !== undefined && message !== undefined && signature !== undefined, 'a whole job')
    return verifySignature(native, key, message, signature) ? 1 : 0
  })
}
