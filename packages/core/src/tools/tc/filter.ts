// tc filter show, of policers (iproute2's tc_filter.c, f_matchall.c, m_action.c, m_police.c).

import { matchallOptions, NOT_IN_HARDWARE } from "../../netlink/rtnl/filter-police.ts";
import { decodeQdisc, encodeQdisc, TC_H } from "../../netlink/rtnl/qdisc.ts";
import type { QdiscMessage } from "../../netlink/rtnl/qdisc.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Arguments } from "../ip/arguments.ts";
import { fail } from "../ip/arguments.ts";
import type { Session } from "../ip/session.ts";
import { rateText, sizeOf, sizeText } from "./sizes.ts";
import { printStatistics } from "./statistics.ts";

type Output = Session["out"];
type Action = NonNullable<Parameters<typeof matchallOptions.encode>[0]["actions"]>[number];

/** Of the ages that are told (USER_HZ). */
const TICKS_A_SECOND = 100;

/** TC_H_CLSACT, TC_H_MIN_INGRESS */
const INGRESS = 0xffff_fff2;
const INGRESS_HANDLE = 0xffff_0000;
const PROTOCOL_ALL = 0x0300;

/** After `show` or nothing. */
export function showFilters(session: Session, args: Arguments): number {
  const { process, rtnl, out } = session;
  let ifindex = 0;
  let parent: number = TC_H.UNSPEC;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") ifindex = session.deviceIndex(args.next());
    else if (args.current === "ingress") parent = INGRESS;
    else if (args.current === "parent") parent = args.next() === "ffff:" ? INGRESS_HANDLE : TC_H.UNSPEC;
    else if (args.current !== "root") {
      return fail(process, 255, ` What is "${args.current}"? Try "tc filter help"\n`);
    }
  }
  const messages = rtnl.dump(RTM.GETTFILTER, encodeQdisc({ ifindex, parent }));
  if (messages === undefined) return 1;
  out.begin();
  for (const { body } of messages) {
    const message = decodeQdisc(body);
    if (!isMalformed(message)) print(session, message);
  }
  out.end();
  return 0;
}

function print({ out, options }: Session, message: QdiscMessage): void {
  const { info, kind = "", chain = 0, handle } = message;
  out.openObject();
  out.text("filter ");
  if ((info & 0xffff) === PROTOCOL_ALL) out.fact("protocol", "all", "protocol all ");
  out.fact("pref", info >>> 16, `pref ${info >>> 16} `);
  out.fact("kind", kind, `${kind} `);
  out.fact("chain", chain, `chain ${chain} `);
  if (handle !== 0) out.fact("handle", `0x${handle.toString(16)}`, `handle 0x${handle.toString(16)} `);
  const found = message.options && matchallOptions.decode(message.options);
  if (kind === "matchall" && found && !isMalformed(found)) {
    const { flags = 0, hits = 0, actions = [] } = found;
    if ((flags & NOT_IN_HARDWARE) !== 0) out.text("\n  not_in_hw");
    if (options.stats > 0) out.text(` (rule hit ${hits})`);
    actions.forEach((action, at) => printAction(out, action, at + 1, options.stats > 0));
  }
  out.text("\n");
  out.closeObject();
}

/** print_police() */
function printAction(out: Output, action: Action, order: number, statistics: boolean): void {
  const { police, result, times, packetRate, packetBurst } = action.options ?? {};
  if (!police) return;
  out.text(`\n\taction order ${order}:  police 0x${police.index.toString(16)} `);
  out.text(`rate ${rateText(police.rate.rate)} burst ${sizeText(sizeOf(police.rate.rate, police.burst))} `);
  out.text(`mtu ${sizeText(police.mtu)} `);
  if (packetRate !== undefined) {
    out.text(`pkts_rate ${packetRate} pkts_burst ${sizeOf(packetRate, packetBurst ?? 0)} `);
  }
  out.text(`action drop${result === undefined ? " " : "/continue "}overhead 0b `);
  out.text(`\n\tref ${police.references} bind ${police.bindings} `);
  if (statistics && times) {
    const age = (name: string, ticks: number) =>
      ticks === 0 ? "" : ` ${name} ${Math.floor(ticks / TICKS_A_SECOND)} sec`;
    out.text(age("installed", times.installed) + age("used", times.used) + age("firstused", times.firstUsed));
  }
  out.text("\n");
  if (!statistics || !action.statistics) return;
  out.text("\tAction statistics:\n");
  printStatistics(out, { stats2: action.statistics }, "\t");
}
