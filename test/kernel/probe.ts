// Asks nf_tables in this kernel: what happens to these frames?
//
//   npx tsx test/kernel/probe.ts RULESET.nft --hook netdev/ingress --frame HEX [--frame HEX ...]
//
// --hook FAMILY/HOOK   ingress (default netdev/ingress), egress, prerouting, input, forward, output, postrouting
// --frame HEX          from the Ethernet header on; at output: from the IP header on. `02:00:00:00:00:01` is the machine's link
//                      address. Blanks and colons are ignored. `-` reads frames from stdin, one a line.
// --device NAME        the input device (default: the `device` of the ruleset's chain, else in0)
// --output NAME        the output device (default out0); frames at egress go out of it
// --routing R          local | forward | host (test/support/net/lab.ts); default by hook
// --conntrack          conntrack is on, packets go their whole way and the machine answers
// --json               one JSON object a line
//
// Printed for each frame: its fate at each hook it reached (all base chains of the hook together), then counters
// that moved: `rule FAMILY TABLE CHAIN INDEX COUNTER +packets +bytes`, then frames that left the machine. Needs
// root and the reference nft; works in a namespace of its own.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Hook } from '../../src/model/family.ts';
import { Lab, type LabOptions, type Observation, type Routing } from '../support/net/lab.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hook: { type: 'string', default: 'netdev/ingress' },
    frame: { type: 'string', multiple: true, default: [] },
    device: { type: 'string' },
    output: { type: 'string' },
    routing: { type: 'string' },
    conntrack: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

function frameOf(hex: string): Uint8Array {
  const digits = hex.replace(/[\s:]/g, '');
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new Error(`not hexadecimal: ${hex}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

const read = (path: string): string => readFileSync(path === '-' ? 0 : path, 'utf8');
const frames = values.frame
  .flatMap(hex =>
    hex === '-'
      ? read('-')
          .split('\n')
          .filter(line => line.trim() !== '')
      : [hex],
  )
  .map(frameOf);
const [path] = positionals;
if (path === undefined || frames.length === 0) {
  console.error('usage: probe.ts RULESET.nft --hook FAMILY/HOOK --frame HEX ...   (see the top of the file)');
  process.exit(2);
}
const ruleset = read(path);
const hook = (values.hook.split('/')[1] ?? values.hook) as Hook;

/** Names of devices that must exist: nft resolves them when it loads, and chains bind to them. */
function devicesOf(text: string): { bound: string[]; named: string[] } {
  const bound = [...text.matchAll(/\bdevices?\s*=?\s*\{?\s*"?([\w.-]+)"?/g)].map(match => match[1]!);
  const named = [...text.matchAll(/\b[io]if\s+(?:!=\s*)?"([\w.-]+)"/g)].map(match => match[1]!);
  return { bound, named };
}

const { bound, named } = devicesOf(ruleset);
const input = values.device ?? (hook === 'egress' ? 'in0' : (bound[0] ?? 'in0'));
const output = values.output ?? (hook === 'egress' ? (bound[0] ?? 'out0') : 'out0');
const options: LabOptions = {
  routing: (values.routing ?? (hook === 'input' ? 'local' : 'forward')) as Routing,
  input,
  output,
  others: [...new Set([...bound, ...named])].filter(name => ![input, output, 'lo'].includes(name)),
  conntrack: values.conntrack,
  silent: !values.conntrack && hook !== 'output' && hook !== 'postrouting',
  ...(values.conntrack ? {} : { endAt: hook }),
};

function send(lab: Lab, frame: Uint8Array): void {
  if (hook === 'egress') lab.sender.sendFrame(frame);
  else if (hook === 'output') lab.sender.sendPacket(frame);
  else lab.input.inject(frame);
}

function print(number: number, { passages, deltas, sent }: Observation): void {
  if (values.json) {
    const counters = [...deltas].map(([key, { packets, bytes }]) => [key, Number(packets), Number(bytes)]);
    console.log(
      JSON.stringify({
        frame: number,
        passages: Object.fromEntries(passages),
        counters,
        sent: sent.map(({ device, frame }) => [device, Buffer.from(frame).toString('hex')]),
      }),
    );
    return;
  }
  const fate = [...passages].map(([name, passage]) => `${name} ${passage}`).join(', ');
  console.log(`frame ${number}: ${fate || 'reached no hook'}`);
  for (const [key, { packets, bytes }] of deltas) console.log(`  ${key} +${packets} +${bytes}`);
  for (const { device, frame } of sent) console.log(`  sent ${device} ${Buffer.from(frame).toString('hex')}`);
}

const lab = new Lab(options);
try {
  lab.load(ruleset);
  frames.forEach((frame, index) => {
    print(
      index + 1,
      lab.observe(() => send(lab, frame)),
    );
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  lab.close();
}
