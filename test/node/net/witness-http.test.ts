import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { WitnessHttp } from '../../../node/net/witness-http.ts'
import { ADD_CHECKPOINT_BYTES_MAX } from '../../../protocol/log/add-checkpoint.ts'
import { freePort } from '../../support/port.ts'
import { hasCode } from '../../support/directory.ts'
import { post } from '../../support/foreign-log.ts'

describe('the witness over HTTP', () => {
  let http: WitnessHttp
  let port: number
  let answer: { status: number; body: Uint8Array; why: string | undefined }
  const errors: unknown[] = []
  const bodies: Uint8Array[] = []
  const clock = { at: 0, now: () => clock.at }

  beforeEach(async () => {
    answer = { status: 200, body: Buffer.from('line\n'), why: undefined }
    errors.length = 0
    bodies.length = 0
    port = await freePort()
    http = await WitnessHttp.start({
      host: '127.0.0.1',
      port,
      clock,
      answer: async (body) => {
        bodies.push(body)
        if (answer.status === 0) throw new Error('the disk is full')
        return answer
      },
      onError: (error) => errors.push(error),
    })
  })

  afterEach(() => http.stop())

  it('gives what the witness answers', async () => {
    const given = await post(port, Buffer.from('body'))
    assert.deepEqual([given.status, Buffer.from(given.body).toString()], [200, 'line\n'])
    assert.deepEqual(Buffer.from(bodies[0] ?? []).toString(), 'body')
  })

  it('gives its size as C2SP has it', async () => {
    answer = { status: 409, body: Buffer.from('7\n'), why: 'old-not-mine' }
    const given = await post(port, Buffer.from('body'))
    assert.deepEqual(
      [given.status, given.type, Buffer.from(given.body).toString()],
      [409, 'text/x.tlog.size', '7\n'],
    )
  })

  it('says in a word why it refuses', async () => {
    answer = { status: 422, body: new Uint8Array(0), why: 'proof-wrong' }
    assert.equal(Buffer.from((await post(port, Buffer.from('body'))).body).toString(), 'proof-wrong\n')
  })

  it('knows no other path and no other method', async () => {
    assert.equal((await post(port, Buffer.alloc(0), { path: '/' })).status, 404)
    assert.equal((await post(port, Buffer.alloc(0), { path: '/add-checkpoint/' })).status, 404)
    assert.equal((await post(port, Buffer.alloc(0), { method: 'GET' })).status, 405)
    assert.equal(bodies.length, 0)
  })

  it('reads no body that is longer than a request can be, announced or not', async () => {
    const long = new Uint8Array(ADD_CHECKPOINT_BYTES_MAX + 1)
    const announced = await post(port, long).catch(() => undefined)
    assert.ok(announced === undefined || announced.status === 413)
    const chunked = await post(port, long, { headers: { 'transfer-encoding': 'chunked' } }).catch(
      () => undefined,
    )
    assert.ok(chunked === undefined || chunked.status === 413)
    assert.equal(bodies.length, 0)
    assert.equal((await post(port, new Uint8Array(ADD_CHECKPOINT_BYTES_MAX))).status, 200)
  })

  it('lets one address ask only so often', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 40; i++) statuses.push((await post(port, Buffer.from('x'))).status)
    assert.equal(statuses.filter((status) => status === 200).length, 32)
    assert.equal(statuses.at(-1), 429)
    clock.at += 1_000
    assert.equal((await post(port, Buffer.from('x'))).status, 200)
  })

  it('answers an error of its own with nothing said, and goes on', async () => {
    answer = { ...answer, status: 0 }
    const given = await post(port, Buffer.from('x'))
    assert.deepEqual([given.status, given.body.length], [500, 0])
    assert.equal(errors.length, 1)
    answer = { ...answer, status: 200 }
    assert.equal((await post(port, Buffer.from('x'))).status, 200)
  })

  it('gives up who goes away in the middle, without an error of its own', async () => {
    const socket = connect(port, '127.0.0.1')
    await new Promise<void>((resolve) => {
      socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () =>
        resolve(),
      )
    })
    socket.destroy()
    assert.equal((await post(port, Buffer.from('x'))).status, 200)
    assert.deepEqual(errors, [])
  })

  it('names the address that it cannot have', async () => {
    const options = { host: '127.0.0.1', port, clock, answer: async () => answer, onError: () => undefined }
    await assert.rejects(WitnessHttp.start(options), hasCode('PORT_BUSY'))
  })
})
