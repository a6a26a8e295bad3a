/** The table of commands. Each command is a file; here is what they share and how they are grouped in the help. */
import { Command, Option } from 'commander'
import { addAccess, addReach } from './commands/access.ts'
import { addAccredit } from './commands/accredit.ts'
import { addApprove } from './commands/approve.ts'
import { addAttest } from './commands/attest.ts'
import { addCharter } from './commands/charter.ts'
import { addCheck } from './commands/check.ts'
import { addDataSet } from './commands/data-set.ts'
import { addDoctor } from './commands/doctor.ts'
import { addDown } from './commands/down.ts'
import { addDraft } from './commands/draft.ts'
import { addErase } from './commands/erase.ts'
import { addEscrow } from './commands/escrow.ts'
import { addEvidence } from './commands/evidence.ts'
import { addExport } from './commands/export.ts'
import { addHelp } from './commands/help.ts'
import { addImport } from './commands/import.ts'
import { addInit } from './commands/init.ts'
import { addKey } from './commands/key.ts'
import { addList } from './commands/list.ts'
import { addLog } from './commands/log.ts'
import { addMirror } from './commands/mirror.ts'
import { addOperator } from './commands/operator.ts'
import { addOutbox } from './commands/outbox.ts'
import { addPeers } from './commands/peers.ts'
import { addPublish } from './commands/publish.ts'
import { addRedact } from './commands/redact.ts'
import { addReport } from './commands/report.ts'
import { addRequest } from './commands/request.ts'
import { addShow } from './commands/show.ts'
import { addStatus } from './commands/status.ts'
import { addUp } from './commands/up.ts'
import { addVerify } from './commands/verify.ts'
import { addBundle } from './commands/bundle.ts'
import { addAudit } from './commands/audit.ts'
import { VERSION } from './version.ts'
import { addWhoami } from './commands/whoami.ts'
import type { Context, GlobalOptions } from './context.ts'
import type { Io } from './io.ts'
import { secondsOf } from './options.ts'

export type Program = {
  readonly io: Io
  /** Takes what commander would write to stderr. */
  readonly complain: (text: string) => void
  readonly contextOf: (options: GlobalOptions) => Context
}

/** What a command's file gets: the group to add itself to, and how to come by its context. */
export type Commands = {
  readonly group: (name: string) => Command
  readonly context: (command: Command) => Context
}

const GROUPS = [
  ['Start here:', [addUp, addDown, addStatus, addDoctor, addHelp]],
  ['Coalition:', [addInit, addWhoami, addKey, addCharter, addPeers, addOperator]],
  [
    'Records:',
    [addReport, addDraft, addDataSet, addCheck, addApprove, addPublish, addOutbox, addImport, addAttest],
  ],
  ['Library:', [addList, addShow, addExport]],
  ['Disclosure:', [addRequest, addAccess, addRedact, addReach, addErase, addEscrow, addAccredit]],
  ['Audit:', [addVerify, addAudit, addBundle, addLog, addMirror, addEvidence]],
] as const

export function programOf({ io, complain, contextOf }: Program): Command {
  const program = new Command('candor')
    .description('Share what goes wrong with AI, between organisations that do not trust a single host.')
    .usage('COMMAND [OPTIONS]')
    .helpCommand(false)
    .addOption(new Option('--home <dir>', "the member's home").env('CANDOR_HOME'))
    .addOption(
      new Option(
        '--operator <file>',
        'the file with your token, where the node names who may publish; - for stdin',
      ).env('CANDOR_OPERATOR'),
    )
    .option('--json', 'answer as JSON: a versioned contract')
    .addOption(new Option('--color <when>', 'auto, always or never').choices(['auto', 'always', 'never']))
    .option('--no-input', 'never ask')
    .option('--yes', 'answer every question for confirmation with yes')
    .option('--timeout <seconds>', 'how long to wait for the node', secondsOf)
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'help for a command')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: complain,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => termOf(command) })
    .exitOverride()
  for (const [heading, add] of GROUPS) {
    const commands: Commands = {
      group: (nameAndArguments) => program.command(nameAndArguments).helpGroup(heading),
      context: (command) => contextOf(command.optsWithGlobals()),
    }
    for (const one of add) one(commands)
  }
  return program
}

function termOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '…' : '')
    return argument.required ? name : `[${name}]`
  })
  return [command.name(), ...words].join(' ')
}
