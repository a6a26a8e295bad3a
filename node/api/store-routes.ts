/** Routes that check and repair what is stored. */
import type { Context, Hono } from 'hono'
import { None, queryOf } from './request.ts'
import type { StoreService } from './store-service.ts'

type Lines = (items: AsyncIterable<object>) => Response

export function addStore(app: Hono, service: StoreService, lines: Lines): void {
  const stream = (start: () => AsyncIterable<object>) => (c: Context) => {
    queryOf(c, None)
    return lines(start())
  }
  app.post(
    '/v1/store/check',
    stream(() => service.checkStore()),
  )
  app.post(
    '/v1/store/repair',
    stream(() => service.repairStore()),
  )
}
