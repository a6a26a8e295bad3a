/** What a pass of `candor mirror` did, as text. */
import { counted, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import type { Mirrored } from '../tree/mirror.ts'

export function renderMirrored(look: Look, { logs, failed }: Mirrored): readonly string[] {
  return [
    ...logs.map(({ origin, state, from, size, files }) => {
      const name = safe(origin.split('/')[0] ?? '')
      const sizes = state === 'grown' ? `${from} → ${size}` : String(size)
      if (state === 'older') {
        return marked(look, 'warn', `${name}  this node holds ${size}, ${from} are published: left as it is`)
      }
      const what = state === 'same' ? 'nothing new' : counted(files, 'file')
      return marked(look, 'ok', `${name}  ${sizes} entries, ${what}`)
    }),
    ...failed.flatMap(({ origin, error }) => [
      marked(look, 'fail', `${safe(origin.split('/')[0] ?? '')}  ${safe(error.message)}`),
      ...(error.fix === undefined ? [] : [`    Next: ${safe(error.fix)}`]),
    ]),
  ]
}
