import assert from 'node:assert/strict'
import { NodeError, type Service } from '../../../node/api/client.ts'
import { raw, refusal, serving, type Sent } from '../../support/api.ts'

describe('refusals of the API', () => {
  const REFUSED: readonly [string, string, Sent, number, string, RegExp][] = [
    ['an unknown address', '/v1/nothing', {}, 404, 'NOT_FOUND', /no GET at this address/],
    ['an unknown method', '/v1/status', { method: 'PUT' }, 404, 'NOT_FOUND', /no PUT/],
    ['an unknown parameter', '/v1/records?colour=red', {}, 400, 'USAGE', /colour: is not a field/],
    ['a parameter of a route without any', '/v1/status?x=1', {}, 400, 'USAGE', /x: is not/],
    ['a parameter that stands twice', '/v1/records?kind=a&kind=b', {}, 400, 'USAGE', /kind stands twice/],
    ['a limit of 0', '/v1/records?limit=0', {}, 400, 'USAGE', /limit: /],
    ['a limit above the maximum', '/v1/records?limit=100000', {}, 400, 'USAGE', /limit: /],
    ['a number that is none', '/v1/log/entries?from=-1&count=1', {}, 400, 'USAGE', /from: must be a whole/],
    ['a missing number', '/v1/log/entries?from=1', {}, 400, 'USAGE', /count: is missing/],
    ['a date that is none', '/v1/records?from=yesterday', {}, 400, 'USAGE', /from: must be YYYY/],
    ['a body without a type', '/v1/drafts', { method: 'POST' }, 400, 'USAGE', /application\/json/],
    [
      'a body of another type',
      '/v1/drafts',
      { method: 'POST', body: 'a=b', type: 'text/plain' },
      400,
      'USAGE',
      /json/,
    ],
    ['a body that is not JSON', '/v1/drafts', { method: 'POST', body: '{' }, 400, 'USAGE', /not JSON/],
    ['a body of another shape', '/v1/drafts', { method: 'POST', body: '[]' }, 400, 'USAGE', /is missing/],
    [
      'a field too many',
      '/v1/drafts',
      { method: 'POST', body: '{"kind":"incident","public":{},"x":1}' },
      400,
      'USAGE',
      /x: /,
    ],
    [
      'a body that is too long',
      '/v1/drafts',
      { method: 'POST', body: ' '.repeat(4_194_305) },
      413,
      'TOO_LARGE',
      /longer/,
    ],
    [
      'an unknown format',
      '/v1/imports/csv',
      { method: 'POST', body: '' },
      400,
      'USAGE',
      /avid, atlas or aiid/,
    ],
    [
      'escrow with a tier that needs none',
      '/v1/escrow/records/abcdef',
      { method: 'POST', body: '{"tiers":["public"]}' },
      400,
      'USAGE',
      /tiers.*must be partner or research/,
    ],
    [
      'a release to nobody',
      '/v1/escrow/deposits/abcdef/release',
      { method: 'POST', body: '{"by":"x","reason":"y"}' },
      400,
      'USAGE',
      /to: is missing/,
    ],
    ['what the service does not find', `/v1/records/zzzzzz`, {}, 404, 'NOT_FOUND', /no record/],
  ]
  for (const [name, path, sent, status, code, text] of REFUSED) {
    it(`name ${name}`, async () => {
      await serving({}, async ({ socket, fake }) => {
        const answer = await raw(socket, path, sent)
        const problem = JSON.parse(answer.body)
        assert.equal(answer.status, status)
        assert.equal(answer.type, 'application/problem+json')
        assert.equal(problem.code, code)
        assert.equal(problem.status, status)
        assert.match(problem.detail, text)
        assert.equal(typeof problem.exit, 'number')
        assert.match(problem.type, /^urn:candor:error:/)
        assert.deepEqual(fake.calls, [])
      })
    })
  }

  it('never quote an unknown parameter that could hurt a terminal', async () => {
    await serving({}, async ({ socket }) => {
      const answer = await raw(socket, '/v1/records?%1b[31m=1&%1b[31m=2')
      assert.equal(answer.body.includes('\u001b'), false)
    })
  })

  it('become the same error at the other end, with the next command', async () => {
    await serving({}, async ({ client }) => {
      await assert.rejects(client.record('zzzzzz', undefined), (error) => {
        return error instanceof NodeError && error.code === 'NOT_FOUND' && error.fix === 'candor list'
      })
    })
  })

  it('hide the insides of what nobody foresaw, and tell the log', async () => {
    const status = () => Promise.reject(new TypeError('secret insides'))
    await serving({ status }, async ({ client, errors }) => {
      await assert.rejects(client.status(), refusal('IO_FAILED', /^(?!.*secret)/))
      assert.match(String(errors[0]), /secret insides/)
    })
  })

  it('end a stream that fails half-way with the error', async () => {
    const exportRecords: Service['exportRecords'] = async function* exportRecords() {
      yield { item: 'heads', networkId: '', heads: [] }
      throw new NodeError('CONFLICT', 'the heads moved')
    }
    await serving({ exportRecords }, async ({ client }) => {
      const seen: string[] = []
      const reading = (async () => {
        for await (const { item } of client.exportRecords({})) seen.push(item)
      })()
      await assert.rejects(reading, refusal('CONFLICT', /moved/))
      assert.deepEqual(seen, ['heads'])
    })
  })
})
