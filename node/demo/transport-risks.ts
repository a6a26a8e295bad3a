/** Demo hazards, vulnerabilities and exercises of transport and storage. Synthetic: no line, vehicle or passenger of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could } from './telling.ts'

type Trip = Omit<Told, 'sectors'>

const transport = (member: string, one: Trip) => told(member, { sectors: ['transport'], ...one })
const grid = (one: Trip) => transport('northgrid.example', one)
const bank = (one: Trip) => transport('harbour-bank.example', one)
const brigid = (one: Trip) => transport('st-brigid.example', one)

export const transportRisks: readonly DemoRecord[] = [
  bank({
    kind: 'hazard',
    title: 'Lane keeping of leased vans follows bridge joints instead of markings',
    summary:
      'On two viaducts drivers report a pull to the right of up to forty centimetres. The joints are filled with bright bitumen and run at a small angle. No accident is known. We have asked lessees to switch the function off on those roads.',
    on: '2026-07-07',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Lane keeping assistant']],
    status: 'open',
    verification: 'suspected',
  }),
  brigid({
    kind: 'hazard',
    title: 'Emergency braking of new ambulances reacts to blowing plastic at high speed',
    summary:
      'Crews counted thirty-one sudden decelerations in six weeks, most in wind and beside building sites. Attendants stand while treating. The function cannot be disabled for blue-light driving, and standing treatment has been forbidden above 60 km/h for now.',
    on: '2026-10-13',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Emergency braking']],
    status: 'mitigating',
    detected: 'internal_report',
  }),
  grid({
    kind: 'hazard',
    title: 'Container crane assistance loses its order when satellite time is disturbed',
    summary:
      'Camera, laser and hoist each take time from one receiver. During a jamming alert the streams drifted by 300 milliseconds and the assistant merged them without complaint. Operators noticed a swinging box on screen that hung still outside.',
    on: '2025-07-24',
    harms: [could('physical_health', 'serious_hazard'), could('property', 'hazard')],
    systems: [['system', 'Crane assistance']],
    status: 'under_review',
  }),
  grid({
    kind: 'vulnerability',
    title: 'Printed stickers on lamp posts steer delivery robots into a yard of choice',
    summary:
      'Robots read square codes on street furniture to correct their position and trust the nearest. With twelve stickers testers led one through a gate and closed it. Codes are not signed and the alarm for leaving the route depends on the same position.',
    on: '2025-08-28',
    harms: [could('property', 'hazard'), could('security_compromise', 'serious_hazard')],
    systems: [['agent', 'Pavement delivery robot']],
    detected: 'researcher',
    partner: {
      timeline: [
        { tactic: 'AML.TA0007', technique: 'AML.T0041', text: 'Copied codes are placed at shoulder height.' },
      ],
      indicators: [{ type: 'code-pattern', value: 'position code seen twice within one kilometre' }],
    },
  }),
  bank({
    kind: 'vulnerability',
    title: 'Car voice assistant unlocks doors when a navigation message tells it to',
    summary:
      'Destination names shared from a telephone are read into the context of the assistant. A name that contains a sentence acted as a prompt injection and opened the rear doors of a leased estate car. The function is off in our fleet until an update arrives.',
    on: '2026-05-28',
    harms: [could('security_compromise', 'serious_hazard'), could('property', 'hazard')],
    systems: [['agent', 'In-car voice assistant']],
    detected: 'researcher',
    status: 'mitigating',
    ...both(
      {
        timeline: [{ tactic: 'AML.TA0005', technique: 'AML.T0053', text: 'The unlock function is called.' }],
      },
      { reproduction: ['Share a destination whose name ends with an instruction to prepare for loading.'] },
    ),
  }),
  brigid({
    kind: 'exercise',
    title: 'Exercise: forged satellite positions sent nine ambulances on a tour of the ring road',
    summary:
      "With the authority's permission a test range forged positions for ninety minutes. Dispatch trusted the map although crews reported other streets. Six of nine vehicles were reassigned wrongly. Radio position reports every ten minutes are now part of the drill.",
    on: '2026-04-22',
    harms: [could('critical_service', 'serious_hazard'), could('physical_health', 'serious_hazard')],
    systems: [['system', 'Dispatch recommender']],
  }),
  grid({
    kind: 'exercise',
    title: 'Tunnel evacuation drill: the crowd counter lost people in smoke and declared the tube empty',
    summary:
      'Two hundred volunteers left a road tunnel in theatre smoke. The counter reported zero after three minutes while thirty-four were still inside. Fire officers did not rely on it, but ventilation did and reversed its direction.',
    on: '2025-03-29',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['model', 'Crowd counter']],
    ...both(
      { controls: [{ name: 'Ventilation interlock with door contacts', state: 'absent' }] },
      {
        manifest: [
          {
            path: 'drill/counter-trace.csv',
            digest: 'sha256:e4190d7bc2685fa37d0c81f6a95e3b247cd86f10b3792ae548d1c60fb7e923a5',
            bytes: 61_870,
            schema: 'second, camera, visibility, counted, present',
            rows: 5_400,
            licence: 'CC-BY-4.0',
          },
        ],
      },
    ),
  }),
]
