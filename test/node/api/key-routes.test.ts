import assert from 'node:assert/strict'
import { raw, serving, type Sent } from '../../support/api.ts'
import { CLOSING, HEAD, KEYS, NEXT_ORIGIN } from '../../support/fake-service.ts'

describe('the routes of keys and epochs', () => {
  it('answer what the service says, the same at the other end', async () => {
    await serving({}, async ({ client, fake }) => {
      assert.deepEqual(await client.keys('b.example'), KEYS)
      assert.deepEqual(await client.keys(undefined), KEYS)
      assert.deepEqual(await client.addKeyEvents('AA=='), { index: 3, head: HEAD })
      assert.deepEqual(await client.beginClosing({ mode: 'rotate' }), CLOSING)
      const recover = { mode: 'recover', size: 4, epoch: 3, alone: true } as const
      assert.deepEqual(await client.beginClosing(recover), CLOSING)
      await client.callOffClosing()
      assert.deepEqual(await client.openEpoch('AA=='), { origin: NEXT_ORIGIN })
      assert.deepEqual(fake.calls, [
        'keys b.example',
        'keys undefined',
        'addKeyEvents AA==',
        'beginClosing {"mode":"rotate"}',
        'beginClosing {"mode":"recover","size":4,"epoch":3,"alone":true}',
        'callOffClosing',
        'openEpoch AA==',
      ])
    })
  })

  const post = (body: string): Sent => ({ method: 'POST', body, type: 'application/json' })
  const refused: readonly (readonly [string, string, Sent])[] = [
    ['a parameter that is none', '/v1/keys?member=b.example', {}],
    ['key events without statements', '/v1/keys/events', post('{}')],
    ['statements that are no text', '/v1/keys/events', post('{"proposals":[1]}')],
    ['a closing of no mode', '/v1/epochs/closing', post('{"mode":"now"}')],
    ['a rotation at a size', '/v1/epochs/closing', post('{"mode":"rotate","size":4}')],
    ['a closing at no entries', '/v1/epochs/closing', post('{"mode":"recover","size":0}')],
    ['a first epoch opened again', '/v1/epochs/closing', post('{"mode":"recover","epoch":1}')],
    ['a query beside a body', '/v1/epochs?x=1', post('{"proposals":"AA=="}')],
  ]
  for (const [name, path, sent] of refused) {
    it(`refuse ${name}, and ask nothing`, async () => {
      await serving({}, async ({ socket, fake }) => {
        const { status, body } = await raw(socket, path, sent)
        assert.deepEqual([status, JSON.parse(body).code], [400, 'USAGE'], body)
        assert.deepEqual(fake.calls, [])
      })
    })
  }
})
