/** Asking for detail, and waiting for an answer: a busy owner tells whoever asks to wait. */
import type { Client, RequestOptions } from '../../node/api/client.ts'
import { until } from './until.ts'

export async function answered(client: Client, options: RequestOptions) {
  const { id } = await client.requestDetail(options)
  return until('it is answered', async () => {
    const one = await client.request(id)
    return one.state !== 'open' && one
  })
}
