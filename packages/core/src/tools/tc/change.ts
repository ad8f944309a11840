// `tc qdisc add | change | replace | link | delete` (iproute2's tc/tc_qdisc.c), for the kinds that a device can be given here: netem,
// tbf and plain queues.

import { NLM_F } from "../../netlink/message.ts";
import { encodeQdisc, TC_H } from "../../netlink/rtnl/qdisc.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Arguments } from "../ip/arguments.ts";
import { fail, matches } from "../ip/arguments.ts";
import type { Session } from "../ip/session.ts";
import { netemRequest } from "./netem-words.ts";
import { fifoRequest, tbfRequest } from "./tbf-words.ts";

export const QDISC_USAGE = `Usage: tc qdisc [ add | del | replace | change | show ] dev STRING
       [ handle QHANDLE ] [ root | ingress | clsact | parent CLASSID ]
       [ estimator INTERVAL TIME_CONSTANT ]
       [ stab [ help | STAB_OPTIONS] ]
       [ ingress_block BLOCK_INDEX ] [ egress_block BLOCK_INDEX ]
       [ [ QDISC_KIND ] [ help | OPTIONS ] ]

       tc qdisc { show | list } [ dev STRING ] [ QDISC_ID ] [ invisible ]
Where:
QDISC_KIND := { [p|b]fifo | tbf | prio | cbq | red | etc. }
OPTIONS := ... try tc qdisc add <desired QDISC_KIND> help
STAB_OPTIONS := ... try tc qdisc add stab help
QDISC_ID := { root | ingress | handle QHANDLE | parent CLASSID }
`;

/** The kernel has refused. */
const REFUSED = 2;

/** What each verb asks for, in the order in which short forms are tried. */
export const CHANGES: readonly (readonly [verb: string, type: number, flags: number])[] = [
  ["add", RTM.NEWQDISC, NLM_F.EXCL | NLM_F.CREATE],
  ["change", RTM.NEWQDISC, 0],
  ["replace", RTM.NEWQDISC, NLM_F.CREATE | NLM_F.REPLACE],
  ["link", RTM.NEWQDISC, NLM_F.REPLACE],
  ["delete", RTM.DELQDISC, 0],
];

/** Kinds that tc(8) knows and we do not. */
const NOT_HERE =
  "atm bfq cake cbq cbs choke clsact codel drr dsmark ets etf fq fq_pie gred hfsc hhf htb ingress mq mqprio multiq pie plug prio qfq red rr sfb sfq skbprio taprio".split(
    " ",
  );

function handleOf(args: Arguments): number {
  const match = /^([0-9a-f]{1,4}):?$/i.exec(args.current);
  if (!match) return args.invalid("invalid qdisc ID");
  return (Number.parseInt(match[1] ?? "", 16) << 16) >>> 0;
}

function classOf(args: Arguments): number {
  const match = /^([0-9a-f]{1,4})?:([0-9a-f]{1,4})?$/i.exec(args.current);
  if (!match) return args.invalid("invalid parent ID");
  return ((Number.parseInt(match[1] ?? "0", 16) << 16) | Number.parseInt(match[2] ?? "0", 16)) >>> 0;
}

export function changeQdisc(session: Session, args: Arguments, type: number, flags: number): number {
  const { process } = session;
  let device: string | undefined;
  let handle = 0;
  let parent: number | undefined;
  let kind: string | undefined;
  let options: Uint8Array | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "dev") {
      args.next();
      if (device !== undefined) args.duplicate("dev");
      device = args.current;
    } else if (word === "handle") {
      args.next();
      if (handle !== 0) args.duplicate("handle");
      handle = handleOf(args);
    } else if (word === "root") {
      if (parent !== undefined) return fail(process, 255, 'Error: "root" is duplicate parent ID\n');
      parent = TC_H.ROOT;
    } else if (word === "parent") {
      args.next();
      if (parent !== undefined) args.duplicate("parent");
      parent = classOf(args);
    } else if (matches(word, "help")) {
      process.print(QDISC_USAGE);
      return 0;
    } else if (/^(?:ingress|clsact|estimator|stab|ingress_block|egress_block)$/.test(word)) {
      return fail(process, 1, `tc: qdisc ${word} is not implemented\n`);
    } else {
      kind = word;
      args.advance();
      options = optionsOf(args, kind);
      break;
    }
  }
  session.links.load();
  const ifindex = device === undefined ? 0 : session.deviceIndex(device);
  const body = encodeQdisc({
    ifindex,
    handle,
    parent: parent ?? TC_H.UNSPEC,
    ...(kind !== undefined && { kind }),
    ...(options && { options }),
  });
  return session.rtnl.talk(type, flags, body) === undefined ? REFUSED : 0;
}

function optionsOf(args: Arguments, kind: string): Uint8Array | undefined {
  const { process } = args;
  if (kind === "netem") return netemRequest(args);
  if (kind === "tbf") return tbfRequest(args);
  if (kind === "pfifo" || kind === "bfifo") return fifoRequest(args, kind);
  if (NOT_HERE.includes(kind)) return fail(process, 1, `tc: qdisc ${kind} is not implemented\n`);
  if (args.left === 0) return undefined;
  if (kind === "fq_codel" || kind === "pfifo_fast")
    return fail(process, 1, `tc: options of qdisc ${kind} are not implemented\n`);
  return fail(process, 1, `Unknown qdisc "${kind}", hence option "${args.current}" is unparsable\n`);
}
