// tc(8) of iproute2 6.1: shows queueing disciplines, classes and filters, and gives devices disciplines without classes. Classes,
// filters and actions cannot be changed: they are those that Open vSwitch makes.

import { encodeQdisc, decodeQdisc } from "../../netlink/rtnl/qdisc.ts";
import type { QdiscMessage } from "../../netlink/rtnl/qdisc.ts";
import { TC_H } from "../../netlink/rtnl/qdisc.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import type { Process, Program } from "../../system/process.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { Arguments, CommandFailed, fail, matches } from "../ip/arguments.ts";
import { enterNamedNetns } from "../ip/netns/netns.ts";
import { parseOptions } from "../ip/options.ts";
import { Session } from "../ip/session.ts";
import { CHANGES, changeQdisc, QDISC_USAGE } from "./change.ts";
import { showFilters } from "./filter.ts";
import { DISCIPLINES, printHfscClass, printHfscStatistics } from "./print-disciplines.ts";
import { printHtb, printHtbStatistics } from "./print-htb.ts";
import { printStatistics } from "./statistics.ts";

const USAGE = `Usage:	tc [ OPTIONS ] OBJECT { COMMAND | help }
	tc [-force] -batch filename
where  OBJECT := { qdisc | class | filter | chain |
		    action | monitor | exec }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[aw] |
		    -o[neline] | -j[son] | -p[retty] | -c[olor]
		    -b[atch] [filename] | -n[etns] name | -N[umeric] |
		     -nm | -nam[es] | { -cf | -conf } path
		     -br[ief] }
`;
const VERSION = "tc utility, iproute2-6.1.0, libbpf 1.1.2\n";

/** tc's objects in the order in which short forms are tried. */
const OBJECTS: readonly (readonly [string, (session: Session, args: Arguments) => number])[] = [
  ["qdisc", qdisc],
  ["class", classes],
  ["filter", filter],
  ["chain", (session) => notImplemented(session.process, "chain")],
  ["actions", (session) => notImplemented(session.process, "action")],
  ["monitor", (session) => notImplemented(session.process, "monitor")],
  ["exec", (session) => notImplemented(session.process, "exec")],
];

function notImplemented(process: Process, what: string): never {
  return fail(process, 1, `tc: ${what} is not implemented\n`);
}

function usage(process: Process): number {
  process.print(USAGE);
  return 0;
}

/** `dev NAME` of a listing; 0 for all devices. */
function wantedDevice(
  session: Session,
  args: Arguments,
): { readonly ifindex: number; readonly parent: number | undefined } {
  let ifindex = 0;
  let parent: number | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") ifindex = session.deviceIndex(args.next());
    else if (args.current === "ingress") parent = TC_H.INGRESS;
    else if (!matches(args.current, "invisible") && args.current !== "root") {
      return fail(session.process, 255, `What is "${args.current}"? Try "tc qdisc help".\n`);
    }
  }
  return { ifindex, parent };
}

function qdisc(session: Session, args: Arguments): number {
  const { process } = session;
  const verb = args.current;
  const change = CHANGES.find(([word]) => matches(verb, word));
  if (change) {
    args.advance();
    return changeQdisc(session, args, change[1], change[2]);
  }
  if (args.left > 0 && !matches(verb, "list") && !matches(verb, "show") && !matches(verb, "lst")) {
    if (matches(verb, "help")) {
      process.print(QDISC_USAGE);
      return 0;
    }
    return fail(process, 255, `Command "${verb}" is unknown, try "tc qdisc help".\n`);
  }
  args.advance();
  const { ifindex, parent } = wantedDevice(session, args);
  const messages = session.rtnl.dump(RTM.GETQDISC, encodeQdisc({ ifindex }));
  if (messages === undefined) return 1;
  session.out.begin();
  for (const { body } of messages) {
    const message = decodeQdisc(body);
    if (isMalformed(message) || (ifindex !== 0 && message.ifindex !== ifindex)) continue;
    if (parent === undefined || message.parent === parent) print(session, message, ifindex !== 0);
  }
  session.out.end();
  return 0;
}

function printClass({ out, options }: Session, message: QdiscMessage): void {
  const kind = message.kind ?? "";
  out.openObject();
  out.fact("class", kind, `class ${kind} `);
  out.fact("handle", handle(message.handle), `${handle(message.handle)} `);
  if (message.parent === TC_H.ROOT) out.flag("root", "root ");
  else out.fact("parent", handle(message.parent), `parent ${handle(message.parent)} `);
  if (kind === "htb" && message.options) printHtb(out, message.options, options.details > 0);
  if (kind === "hfsc" && message.options) printHfscClass(out, message.options);
  out.text("\n");
  if (options.stats > 0) {
    printStatistics(out, message);
    const app = message.stats2?.app;
    if (kind === "htb" && app) printHtbStatistics(out, app);
    if (kind === "hfsc" && app) printHfscStatistics(out, app);
    out.text("\n");
  }
  out.closeObject();
}

function classes(session: Session, args: Arguments): number {
  const { process } = session;
  const verb = args.current;
  if (CHANGES.some(([change]) => matches(verb, change))) return notImplemented(process, `class ${verb}`);
  if (args.left > 0 && !matches(verb, "list") && !matches(verb, "show") && !matches(verb, "lst")) {
    return fail(process, 255, `Command "${verb}" is unknown, try "tc class help".\n`);
  }
  args.advance();
  const { ifindex } = wantedDevice(session, args);
  if (ifindex === 0) return fail(process, 255, '"dev" is required.\n');
  const messages = session.rtnl.dump(RTM.GETTCLASS, encodeQdisc({ ifindex }));
  if (messages === undefined) return 1;
  session.out.begin();
  for (const { body } of messages) {
    const message = decodeQdisc(body);
    if (!isMalformed(message)) printClass(session, message);
  }
  session.out.end();
  return 0;
}

function filter(session: Session, args: Arguments): number {
  const verb = args.current;
  const shows = args.left === 0 || ["list", "show", "lst"].some((each) => matches(verb, each));
  if (!shows) return notImplemented(session.process, `filter ${verb}`);
  args.advance();
  return showFilters(session, args);
}

function handle(value: number): string {
  return `${(value >>> 16).toString(16)}:${(value & 0xffff) === 0 ? "" : (value & 0xffff).toString(16)}`;
}

function print({ out, links, options }: Session, message: QdiscMessage, oneDevice: boolean): void {
  const kind = message.kind ?? "";
  out.openObject();
  out.fact("kind", kind, `qdisc ${kind}`);
  out.fact("handle", handle(message.handle), ` ${handle(message.handle)}`);
  out.text(" ");
  const name = links.name(message.ifindex);
  if (!oneDevice) out.fact("dev", name, `dev ${name} `);
  if (message.parent === TC_H.ROOT) out.flag("root", "root ");
  else if (message.parent !== 0)
    out.fact("parent", handle(message.parent), `parent ${handle(message.parent)} `);
  if (message.info !== 1) out.fact("refcnt", message.info, `refcnt ${message.info} `);
  out.openObject("options");
  if (kind === "ingress") out.text("---------------- ");
  if (kind === "htb" && message.options) printHtb(out, message.options, options.details > 0);
  if (message.options) DISCIPLINES.get(kind)?.(out, message.options);
  out.closeObject();
  out.text("\n");
  if (options.stats > 0) printStatistics(out, message);
  out.closeObject();
}

export const tc: Program = (process) => {
  try {
    return run(process);
  } catch (failure) {
    if (failure instanceof CommandFailed) return failure.code;
    throw failure;
  }
};

const run = (process: Process): number => {
  const words = process.argv.slice(1);
  if (words.some((word) => word === "-V" || (word.startsWith("-V") && matches(word, "-Version")))) {
    process.print(VERSION);
    return 0;
  }
  const { options, rest } = parseOptions(process, words, {
    usage: () => process.exit(usage(process)),
    enterNetns(name) {
      if (!enterNamedNetns(process, name)) process.exit(255);
    },
  });
  const [name, ...more] = rest;
  if (name === undefined || matches(name, "help")) return usage(process);
  const object = OBJECTS.find(([each]) => matches(name, each))?.[1];
  if (object === undefined) return fail(process, 255, `Object "${name}" is unknown, try "tc help".\n`);
  return object(new Session(process, options), new Arguments(process, more));
};
