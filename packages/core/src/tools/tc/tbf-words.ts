// The words behind `tbf` and the plain queues on tc's command line (iproute2's q_tbf.c, q_fifo.c), as a request. Peak rates, cell
// sizes and other link layers are not implemented.

import { fifoOptions, NO_RATE, tbfOptions } from "../../netlink/rtnl/qdisc-buckets.ts";
import { LINK_LAYER_ETHERNET } from "../../netlink/rtnl/qdisc-htb.ts";
import type { Arguments } from "../ip/arguments.ts";
import { fail } from "../ip/arguments.ts";
import { parseUnsigned } from "../ip/numbers.ts";
import { rateOf, sizeInBytes, timeOf } from "./values.ts";

const USAGE = `Usage: ... tbf limit BYTES burst BYTES[/BYTES] rate KBPS [ mtu BYTES[/BYTES] ]
	[ peakrate KBPS ] [ latency TIME ] [ overhead BYTES ] [ linklayer TYPE ]
`;
const TICKS_OF_MICROSECOND = 15.625;
const TICK_SECOND = 1e6;
const TABLE_SIZE = 256;
const STANDARD_MTU = 2047;

/** tc_core_time2tick() of the time that bytes take. */
const ticksFor = (bytes: number, rate: number): number =>
  Math.min(0xffff_ffff, Math.floor(Math.floor((bytes / rate) * TICK_SECOND) * TICKS_OF_MICROSECOND));

export function tbfRequest(args: Arguments): Uint8Array {
  const { process } = args;
  let rate: number | undefined;
  let burst: number | undefined;
  let limit: number | undefined;
  let latency: number | undefined;
  const illegal = (what: string): never =>
    fail(process, 1, `tbf: Illegal value for "${what}": "${args.current}"\n`);
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "rate") {
      args.next();
      if (rate !== undefined) fail(process, 1, 'tbf: duplicate "rate" specification\n');
      rate = rateOf(args.current) ?? illegal(word);
    } else if (word === "burst" || word === "buffer" || word === "maxburst") {
      args.next();
      if (burst !== undefined) fail(process, 1, 'tbf: duplicate "buffer/burst/maxburst" specification\n');
      burst = sizeInBytes(args.current) ?? illegal(word);
    } else if (word === "limit") {
      args.next();
      if (latency !== undefined) both(args);
      if (limit !== undefined) fail(process, 1, 'tbf: duplicate "limit" specification\n');
      limit = sizeInBytes(args.current) ?? illegal(word);
    } else if (word === "latency") {
      args.next();
      if (limit !== undefined) both(args);
      if (latency !== undefined) fail(process, 1, 'tbf: duplicate "latency" specification\n');
      latency = timeOf(args.current) ?? illegal(word);
    } else if (["mtu", "minburst", "mpu", "peakrate", "overhead", "linklayer"].includes(word)) {
      fail(process, 1, `tc: tbf ${word} is not implemented\n`);
    } else if (word === "help") fail(process, 1, USAGE);
    else fail(process, 1, `tbf: unknown parameter "${word}"\n${USAGE}`);
  }
  const missing = [
    ...(rate ? [] : ['tbf: the "rate" parameter is mandatory.\n']),
    ...(burst ? [] : ['tbf: the "burst" parameter is mandatory.\n']),
    ...(limit === undefined && latency === undefined
      ? ['tbf: either "limit" or "latency" is required.\n']
      : []),
  ];
  if (!rate || !burst || missing.length > 0) return fail(process, 1, missing.join("") + USAGE);
  const buffer = ticksFor(burst, rate);
  const waiting = limit ?? Math.trunc((rate * (latency ?? 0)) / TICK_SECOND + burst);
  let cellLog = 0;
  while (STANDARD_MTU >> cellLog > TABLE_SIZE - 1) cellLog++;
  const spec = { ...NO_RATE, cellLog, linkLayer: LINK_LAYER_ETHERNET, cellAlign: -1, rate };
  return tbfOptions.encode({
    parameters: {
      rate: { ...spec, rate: Math.min(rate, 0xffff_ffff) },
      peakRate: NO_RATE,
      limit: waiting,
      buffer,
      mtu: 0,
    },
    burst,
    ...(rate > 0xffff_ffff && { rate64: rate }),
    rateTable: rateTable(rate, cellLog),
  });
}

function both({ process }: Arguments): never {
  return fail(process, 1, 'tbf: specifying both "latency" and "limit" is not allowed\n');
}

/** tc_calc_rtable(): the ticks of each size of packets. */
function rateTable(rate: number, cellLog: number): Uint8Array {
  const table = new Uint32Array(TABLE_SIZE);
  for (let cell = 0; cell < TABLE_SIZE; cell++) table[cell] = ticksFor((cell + 1) << cellLog, rate);
  return new Uint8Array(table.buffer);
}

/** pfifo and bfifo. Undefined: the kernel chooses the limit. */
export function fifoRequest(args: Arguments, kind: string): Uint8Array | undefined {
  const { process } = args;
  let limit: number | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    const usage = "Usage: ... <[p|b]fifo | pfifo_head_drop> [ limit NUMBER ]\n";
    if (word === "limit") {
      args.next();
      const value = kind === "bfifo" ? sizeInBytes(args.current) : parseUnsigned(args.current);
      limit = value ?? fail(process, 1, `${kind}: Illegal value for "limit": "${args.current}"\n`);
    } else if (word === "help") fail(process, 1, usage);
    else fail(process, 1, `${kind}: unknown parameter "${word}"\n${usage}`);
  }
  if (limit === undefined) return undefined;
  const bytes = new Uint8Array(fifoOptions.size);
  fifoOptions.put(bytes, 0, { limit });
  return bytes;
}
