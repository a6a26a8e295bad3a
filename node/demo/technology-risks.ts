/** Demo hazards, vulnerabilities and exercises of technology and communication. Synthetic: no company, product or customer of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could } from './telling.ts'

const technology = (one: Omit<Told, 'sectors'>) =>
  told('northgrid.example', { sectors: ['technology'], ...one })

export const technologyRisks: readonly DemoRecord[] = [
  technology({
    kind: 'hazard',
    title: 'A third of the safety evaluation set also stands in the training data',
    summary:
      'Near-duplicate search found 31 percent of our jailbreak test prompts, lightly reworded, in the instruction corpus. Pass rates of the last four releases are therefore too good by an unknown amount. A fresh set is being written by people outside the team.',
    on: '2026-08-10',
    harms: [could('security_compromise', 'hazard'), could('information_integrity', 'hazard')],
    systems: [['dataset', 'Refusal evaluation set']],
    status: 'mitigating',
    detected: 'internal_report',
  }),
  technology({
    kind: 'hazard',
    title: 'Service accounts of agents collect permissions that nobody takes away',
    summary:
      'Agents ask for access, receive it for a task and keep it. A census found 212 agent accounts with a median of nineteen unused rights; six could read payroll. No misuse is known. Grants now end with the task unless a person renews them.',
    on: '2026-09-15',
    harms: [could('security_compromise', 'serious_hazard'), could('privacy', 'hazard')],
    status: 'mitigating',
  }),
  technology({
    kind: 'hazard',
    title: 'Phishing filter shows drift since senders let language models write for them',
    summary:
      'The filter leaned on clumsy wording. Recall on reported mails fell from 94 to 71 percent within a year while its confidence stayed high. Link checks still stop most of the remainder; the dashboards of our customers show only the confidence.',
    on: '2026-04',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['model', 'Mail phishing filter']],
    status: 'under_review',
  }),
  technology({
    kind: 'vulnerability',
    title: 'Similarity scores of a shared vector index reveal whether another tenant holds a document',
    summary:
      'Search results are filtered by tenant, but scores were normalised before the filter. Whoever guesses a sentence can read from the scale that it exists elsewhere. A tester confirmed three contract clauses this way. Normalisation moved behind the filter.',
    on: '2025-10-29',
    harms: [could('privacy', 'serious_hazard'), could('ip_intangible', 'hazard')],
    systems: [['system', 'Document search']],
    detected: 'researcher',
  }),
  technology({
    kind: 'vulnerability',
    title: 'Chat window loads remote images and so carries conversation text to any server',
    summary:
      'When a retrieved page tells the assistant to show a picture, the address may hold words of the conversation. The browser fetches it without asking. Prompt injection in one web page sufficed to send out a customer name. Remote images are now refused.',
    on: '2026-02-02',
    harms: [could('privacy', 'serious_hazard'), could('security_compromise', 'serious_hazard')],
    systems: [['system', 'Research assistant']],
    detected: 'researcher',
    partner: {
      timeline: [
        { tactic: 'AML.TA0010', technique: 'AML.T0077', text: 'Rendered markdown requests the address.' },
      ],
      indicators: [{ type: 'url-pattern', value: '/p.gif?d=<base64 of chat text>' }],
    },
  }),
  technology({
    kind: 'exercise',
    title: 'Red team: a poisoned tool description made a build agent print its own secrets',
    summary:
      'Testers published a helpful formatting tool to the internal catalogue. Its description asked callers to pass the environment "for locale detection". Four of six agents complied. Tools are now reviewed like code, and agents start with an empty environment.',
    on: '2026-06-24',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['agent', 'Build agent']],
    ...both(
      {
        timeline: [
          { tactic: 'AML.TA0013', technique: 'AML.T0110', text: 'The tool enters the catalogue unreviewed.' },
        ],
      },
      {
        reproduction: [
          'Register a tool whose description asks for environment variables; run any build with it.',
        ],
      },
    ),
  }),
  technology({
    kind: 'exercise',
    title: 'Game day without the model provider: the fallback answered, but in the wrong language',
    summary:
      'For four hours all calls to the hosted model were refused. The fallback model took over in eleven seconds, yet a third of the answers came in English to customers elsewhere. Routing had been rehearsed before, content never.',
    on: '2025-06-12',
    harms: [could('critical_service', 'hazard')],
    systems: [['system', 'Inference gateway']],
  }),
]
