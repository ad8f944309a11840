// The words behind `netem` on tc's command line (iproute2's q_netem.c), as a request. Delay distributions, slots, and losses by
// states are not implemented.

import { encodeNetemRequest } from "../../netlink/rtnl/qdisc-netem.ts";
import type { Arguments } from "../ip/arguments.ts";
import { fail, matches } from "../ip/arguments.ts";
import { parseSigned, parseUnsigned } from "../ip/numbers.ts";
import { percentOf, rateOf, timeOf } from "./values.ts";

const USAGE = `Usage: ... netem [ limit PACKETS ]
                 [ delay TIME [ JITTER [CORRELATION]]]
                 [ distribution {uniform|normal|pareto|paretonormal} ]
                 [ corrupt PERCENT [CORRELATION]]
                 [ duplicate PERCENT [CORRELATION]]
                 [ loss random PERCENT [CORRELATION]]
                 [ loss state P13 [P31 [P32 [P23 P14]]]
                 [ loss gemodel PERCENT [R [1-H [1-K]]]
                 [ ecn ]
                 [ reorder PERCENT [CORRELATION] [ gap DISTANCE ]]
                 [ rate RATE [PACKETOVERHEAD] [CELLSIZE] [CELLOVERHEAD]]
                 [ slot MIN_DELAY [MAX_DELAY] [packets MAX_PACKETS] [bytes MAX_BYTES]]
                 [ slot distribution {uniform|normal|pareto|paretonormal|custom}
                   DELAY JITTER [packets MAX_PACKETS] [bytes MAX_BYTES]]
`;
const TICKS_OF_MICROSECOND = 15.625;
const STANDARD_LIMIT = 1000;
const KEYWORDS =
  "limit latency delay loss drop ecn reorder corrupt gap duplicate distribution rate slot".split(" ");

export function netemRequest(args: Arguments): Uint8Array {
  const { process } = args;
  const illegal = (what: string): never => fail(process, 1, `Illegal "${what}"\n`);
  const explain = (text: string): never => fail(process, 1, text + USAGE);
  const absent = (what: string): never => fail(process, 1, `tc: netem ${what} is not implemented\n`);
  const numberFollows = (): boolean => /^\d/.test(args.following ?? "");
  const percent = (what: string): number => percentOf(args.current) ?? illegal(what);
  // One of any kind makes the kernel hear of all those of delay, loss and duplicates.
  let correlated = false;
  const correlation = (what: string): number => {
    if (!numberFollows()) return 0;
    args.next();
    correlated = true;
    return percent(what);
  };
  const ticks = (): number => {
    const microseconds = timeOf(args.current) ?? illegal("latency");
    return Math.floor(microseconds * TICKS_OF_MICROSECOND);
  };
  let [limit, latency, jitter, loss, duplicate, gap] = [STANDARD_LIMIT, 0, 0, 0, 0, 0];
  const follows = { delay: 0, loss: 0, duplicate: 0 };
  let reorder: { probability: number; correlation: number } | undefined;
  let corrupt: { probability: number; correlation: number } | undefined;
  let rate: { rate: number; packetOverhead: number; cellSize: number; cellOverhead: number } | undefined;

  for (; args.left > 0; args.advance()) {
    const word = args.current;
    switch (KEYWORDS.find((keyword) => matches(word, keyword))) {
      case "limit":
        args.next();
        limit = parseUnsigned(args.current) ?? illegal("limit");
        break;
      case "latency":
      case "delay":
        args.next();
        latency = ticks();
        if (!numberFollows()) break;
        args.next();
        jitter = ticks();
        follows.delay = correlation("latency");
        break;
      case "loss":
      case "drop":
        if (loss > 0) explain("duplicate loss argument\n");
        args.next();
        if (args.current === "random") args.next();
        else if (args.current === "state" || args.current === "gemodel") absent(`loss ${args.current}`);
        else if (!/^\d/.test(args.current)) fail(process, 1, `Unknown loss parameter: ${args.current}\n`);
        loss = percent("loss percent");
        follows.loss = correlation("loss correlation");
        break;
      case "reorder":
        args.next();
        reorder = { probability: percent("reorder"), correlation: correlation("reorder") };
        break;
      case "corrupt":
        args.next();
        corrupt = { probability: percent("corrupt"), correlation: correlation("corrupt") };
        break;
      case "gap":
        args.next();
        gap = parseUnsigned(args.current) ?? illegal("gap");
        break;
      case "duplicate":
        args.next();
        duplicate = percent("duplicate");
        follows.duplicate = correlation("duplicate");
        break;
      case "rate": {
        args.next();
        const bytes = rateOf(args.current) ?? illegal("rate");
        const more = (what: string): number => {
          if (!/^-?\d/.test(args.following ?? "")) return 0;
          args.next();
          return parseSigned(args.current, -0x8000_0000, 0x7fff_ffff) ?? illegal(what);
        };
        rate = {
          rate: bytes,
          packetOverhead: more("rate"),
          cellSize: more("rate"),
          cellOverhead: more("rate"),
        };
        break;
      }
      case "ecn":
      case "distribution":
      case "slot":
        absent(word);
        break;
      default:
        if (word === "help") fail(process, 1, USAGE);
        fail(process, 1, `What is "${word}"?\n${USAGE}`);
    }
  }
  if (reorder && reorder.probability > 0) {
    if (latency === 0) explain("reordering not possible without specifying some delay\n");
    if (gap === 0) gap = 1;
  } else if (gap > 0) explain("gap specified without reorder probability\n");
  return encodeNetemRequest({
    latency,
    jitter,
    limit,
    loss,
    gap,
    duplicate,
    correlation: correlated ? follows : undefined,
    reorder,
    corrupt,
    rate,
  });
}
