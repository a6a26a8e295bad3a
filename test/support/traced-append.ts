/**
 * A program for `strace`: opens a home, appends one entry, and touches a file that does not exist at each of the
 * moments that matter, so that the trace shows them among the writes and syncs of the disk.
 */
import '../../node/runtime.ts'
import { accessSync } from 'node:fs'
import { homeAt } from '../../node/home.ts'
import { native } from '../../node/keys/native.ts'
import { systemRandom } from '../../node/keys/random.ts'
import { sealerOf } from '../../node/keys/vault.ts'
import { Appender } from '../../node/log/appender.ts'
import { composeMany } from '../../node/log/composer.ts'
import { composeGenesis } from '../../node/log/genesis.ts'
import { openHome } from '../../node/opening.ts'
import type { Signer } from '../../node/ports.ts'

const [, , directory, charterFile] = process.argv
if (directory === undefined || charterFile === undefined) throw new Error('usage: traced-append HOME CHARTER')

function mark(moment: string): void {
  try {
    accessSync(`/candor-mark/${moment}`)
  } catch {
    // It never exists: asking for it is what shows in the trace.
  }
}

const opened = await openHome({ home: homeAt(directory), passphrase: undefined, charterFile })
const { logs, origin, keystore } = opened
const logKey = keystore.logSigner(1)
const signer: Signer = {
  ...logKey,
  sign: (message) => {
    mark('sign')
    return logKey.sign(message)
  },
}
await logs.ensure(origin)
const clock = { now: () => Date.now() }
const sealer = sealerOf(keystore.vaultKey())
const common = { primitives: native, origin, random: systemRandom, clock }
const appender = new Appender({
  primitives: native,
  logs,
  origin,
  signer,
  sealer,
  daily: () => [],
  onGrown: () => mark('announce'),
})
await appender.start()
await appender.append([composeGenesis(keystore, common)])
const content = { kind: 'incident', public: { title: 'traced' } }
const composed = await composeMany({ ...common, signer: keystore.signer('statement') }, [content])
mark('begin')
await appender.append(composed)
mark('accepted')
await opened.database.close()
