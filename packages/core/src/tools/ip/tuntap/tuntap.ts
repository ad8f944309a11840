// `ip tuntap` (iproute2 ip/iptuntap.c): makes and removes persistent TUN and TAP devices by /dev/net/tun, and lists them
// with what sysfs tells.

import { strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { decodeLink, encodeLink } from "../../../netlink/rtnl/link.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import type { Process } from "../../../system/process.ts";
import { TUN_FLAGS } from "../../../system/tun.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { Session } from "../session.ts";
import { accountId } from "./accounts.ts";

const USAGE = `Usage: ip tuntap { add | del | show | list | lst | help } [ dev PHYS_DEV ]
       [ mode { tun | tap } ] [ user USER ] [ group GROUP ]
       [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ] [ name NAME ]

Where: USER  := { STRING | NUMBER }
       GROUP := { STRING | NUMBER }
`;

const WRONG = 255;
/** IFNAMSIZ without the NUL. */
const NAME_LENGTH = 15;

interface Wanted {
  readonly name: string;
  readonly flags: number;
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

function validName(name: string): boolean {
  return name !== "" && name.length <= NAME_LENGTH && !/[/\s]/.test(name);
}

function parse({ process }: Session, args: Arguments): Wanted {
  let flags = TUN_FLAGS.NO_PI as number;
  let name = "";
  let owner: number | undefined;
  let group: number | undefined;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "mode")) {
      const mode = args.next();
      if (matches(mode, "tun")) flags |= TUN_FLAGS.TUN;
      else if (matches(mode, "tap")) flags |= TUN_FLAGS.TAP;
      else fail(process, WRONG, `Unknown tunnel mode "${mode}"\n`);
    } else if (word === "user") owner = account(process, "user", args.next());
    else if (word === "group") group = account(process, "group", args.next());
    else if (word === "pi") flags &= ~TUN_FLAGS.NO_PI;
    else if (word === "one_queue") flags |= TUN_FLAGS.ONE_QUEUE;
    else if (word === "vnet_hdr") flags |= TUN_FLAGS.VNET_HDR;
    else if (word === "multi_queue") flags |= TUN_FLAGS.MULTI_QUEUE;
    else if (word === "dev") name = deviceName(args, "dev", args.next());
    else {
      const given = word === "name" ? args.next() : word;
      if (name !== "")
        fail(process, WRONG, `Error: either "name" is duplicate, or "${given}" is a garbage.\n`);
      name = deviceName(args, "name", given);
    }
  }
  return { name, flags, owner, group };
}

function deviceName(args: Arguments, key: string, name: string): string {
  if (!validName(name)) args.invalid(`"${key}" not a valid ifname`, name);
  return name;
}

function account(process: Process, kind: "user" | "group", text: string): number {
  const id = accountId(process, kind, text);
  return id ?? fail(process, WRONG, `invalid ${kind} "${text}"\n`);
}

/** Opens the device, which makes it if need be, and makes it stay or go. */
function change(session: Session, args: Arguments, persistent: boolean): number {
  const { process } = session;
  const { name, flags, owner, group } = parse(session, args);
  if ((flags & (TUN_FLAGS.TUN | TUN_FLAGS.TAP)) === 0)
    return giveUp(process, "You failed to specify a tunnel mode\n");
  const exclusive = persistent ? TUN_FLAGS.EXCLUSIVE : 0;
  try {
    const file = process.system.openTun(process, { name, flags: flags | exclusive });
    if (persistent && owner !== undefined) file.setOwner(owner);
    if (persistent && group !== undefined) file.setGroup(group);
    file.setPersistent(persistent);
    file.close();
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return giveUp(process, `ioctl(TUNSETIFF): ${strerror(refusal.errno)}\n`);
  }
}

function readProperty(process: Process, device: string, property: string, base: number): number | undefined {
  try {
    const text = new TextDecoder().decode(process.files.readFile(`/sys/class/net/${device}/${property}`));
    return Number.parseInt(text.trim(), base);
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

/** Words for the bits, in the order of iproute2's print_flags(). */
function flagWords(flags: number): string[] {
  const known =
    TUN_FLAGS.TUN |
    TUN_FLAGS.TAP |
    TUN_FLAGS.NO_PI |
    TUN_FLAGS.ONE_QUEUE |
    TUN_FLAGS.VNET_HDR |
    TUN_FLAGS.PERSIST |
    TUN_FLAGS.MULTI_QUEUE;
  const rest = flags & ~known;
  return [
    ...((flags & TUN_FLAGS.TUN) === 0 ? [] : ["tun"]),
    ...((flags & TUN_FLAGS.TAP) === 0 ? [] : ["tap"]),
    ...((flags & TUN_FLAGS.NO_PI) === 0 ? ["pi"] : []),
    ...((flags & TUN_FLAGS.ONE_QUEUE) === 0 ? [] : ["one_queue"]),
    ...((flags & TUN_FLAGS.MULTI_QUEUE) === 0 ? [] : ["multi_queue"]),
    ...((flags & TUN_FLAGS.VNET_HDR) === 0 ? [] : ["vnet_hdr"]),
    ...((flags & TUN_FLAGS.PERSIST) === 0 ? [] : ["persist"]),
    // IFF_NOFILTER has the value of IFF_NO_PI.
    ...((flags & TUN_FLAGS.NO_PI) === 0 ? ["filter"] : []),
    ...(rest === 0 ? [] : [`UNKNOWN_FLAGS:${rest.toString(16)}`]),
  ];
}

function show(session: Session): number {
  const { process, rtnl, out } = session;
  const answer = rtnl.dump(RTM.GETLINK, encodeLink({ linkinfo: { kind: "tun" } }));
  if (answer === undefined) return 1;
  out.begin();
  for (const { body } of answer) {
    const link = decodeLink(body);
    if (isMalformed(link) || link.linkinfo?.kind !== "tun" || link.ifname === undefined) continue;
    const flags = readProperty(process, link.ifname, "tun_flags", 16);
    if (flags === undefined) continue;
    out.openObject();
    out.fact("ifname", link.ifname, `${link.ifname}:`, "ifname");
    out.openArray("flags");
    for (const word of flagWords(flags)) out.element(word, ` ${word}`);
    out.closeArray();
    for (const key of ["owner", "group"] as const) {
      const id = readProperty(process, link.ifname, key, 10);
      const name = key === "owner" ? "user" : "group";
      if (id !== undefined && id !== -1) out.fact(name, id, ` ${name} ${id}`);
    }
    out.text("\n");
    if (session.options.details > 0) out.text("\tAttached to processes:\n");
    out.closeObject();
  }
  out.end();
  return 0;
}

export function tuntap(session: Session, args: Arguments): number {
  const { process } = session;
  if (args.left === 0) return show(session);
  const word = args.current;
  args.advance();
  if (matches(word, "add")) return change(session, args, true);
  if (matches(word, "delete")) return change(session, args, false);
  if (matches(word, "show") || matches(word, "lst") || matches(word, "list")) return show(session);
  if (matches(word, "help")) return fail(process, WRONG, USAGE);
  return fail(process, WRONG, `Command "${word}" is unknown, try "ip tuntap help".\n`);
}
