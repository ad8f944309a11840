// ip(8) of iproute2 6.1: options, the table of objects, batches. Each object is a file or a folder beside this one.
// Not here: what a link kind adds (links/KIND/syntax.ts, handed to createIp) and the objects that are named below as
// not implemented.

import type { Process, Program } from "../../system/process.ts";
import { addrlabel } from "./addrlabel/addrlabel.ts";
import { address } from "./address/address.ts";
import { Arguments, CommandFailed, giveUp, matches } from "./arguments.ts";
import { link } from "./link/link.ts";
import { LinkKinds } from "./link-syntax.ts";
import type { LinkSyntax } from "./link-syntax.ts";
import { neighbour } from "./neighbour/neighbour.ts";
import { rule } from "./rule/rule.ts";
import { ruleUsage } from "./rule/help.ts";
import { maddress } from "./maddress/maddress.ts";
import { monitor } from "./monitor/monitor.ts";
import { netconf } from "./netconf/netconf.ts";
import { stats } from "./stats/stats.ts";
import { enterNamedNetns, netns } from "./netns/netns.ts";
import { tuntap } from "./tuntap/tuntap.ts";
import { nexthop } from "./nexthop/nexthop.ts";
import { notImplemented } from "./not-implemented.ts";
import { ntable } from "./ntable/ntable.ts";
import { token } from "./token/token.ts";
import { tunnel } from "./tunnel/tunnel.ts";
import { parseOptions } from "./options.ts";
import { route } from "./route/route.ts";
import { runBatch } from "./batch.ts";
import { Session } from "./session.ts";
import { usage } from "./usage.ts";
import { vrf } from "./vrf/vrf.ts";

type ObjectCommand = (session: Session, args: Arguments, kinds: LinkKinds) => number | Promise<number>;

/** Rules of multicast routing have the syntax of the others. */
const multicastRule: ObjectCommand = (session, args) =>
  matches(args.current, "help") ? ruleUsage(session) : notImplemented("mroute")(session, args);

/** In the order in which short forms are tried. */
const OBJECTS: readonly (readonly [string, ObjectCommand])[] = [
  ["address", address],
  ["addrlabel", addrlabel],
  ["maddress", maddress],
  ["route", route],
  ["rule", rule],
  ["neighbor", neighbour],
  ["neighbour", neighbour],
  ["ntable", ntable],
  ["ntbl", ntable],
  ["link", link],
  ["l2tp", notImplemented("l2tp")],
  ["fou", notImplemented("fou")],
  ["ila", notImplemented("ila")],
  ["macsec", notImplemented("macsec")],
  ["tunnel", tunnel],
  ["tunl", tunnel],
  ["tuntap", tuntap],
  ["tap", tuntap],
  ["token", token],
  ["tcpmetrics", notImplemented("tcpmetrics")],
  ["tcp_metrics", notImplemented("tcpmetrics")],
  ["monitor", monitor],
  ["xfrm", notImplemented("xfrm")],
  ["mroute", notImplemented("mroute")],
  ["mrule", multicastRule],
  ["netns", netns],
  ["netconf", netconf],
  ["vrf", vrf],
  ["sr", notImplemented("sr")],
  ["nexthop", nexthop],
  ["mptcp", notImplemented("mptcp")],
  ["ioam", notImplemented("ioam")],
  ["help", ({ process }) => usage(process)],
  ["stats", stats],
];

/** One command: the object and what follows. */
function runObject(session: Session, words: readonly string[], kinds: LinkKinds): number | Promise<number> {
  const [name = "", ...rest] = words;
  const command = OBJECTS.find(([object]) => matches(name, object))?.[1];
  if (command === undefined) {
    return giveUp(session.process, `Object "${name}" is unknown, try "ip help".\n`);
  }
  return command(session, new Arguments(session.process, rest), kinds);
}

/** Makes the program `ip` with these link kinds. */
export function createIp(kinds: readonly LinkSyntax[]): Program {
  const linkKinds = new LinkKinds(kinds);
  return async (process: Process): Promise<number> => {
    const { options, rest } = parseOptions(process, process.argv.slice(1), {
      usage: () => usage(process),
      enterNetns(name) {
        if (!enterNamedNetns(process, name)) process.exit(255);
      },
    });
    if (options.batchFile !== undefined) {
      return runBatch(process, options, options.batchFile, (session, words) =>
        runObject(session, words, linkKinds),
      );
    }
    if (rest.length === 0) return usage(process);
    try {
      return await runObject(new Session(process, options), rest, linkKinds);
    } catch (failure) {
      if (failure instanceof CommandFailed) return failure.code;
      throw failure;
    }
  };
}
