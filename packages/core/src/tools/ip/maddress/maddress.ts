// `ip maddress`: multicast groups of devices, read from /proc/net, and link-layer groups added by hand.

import { strerror } from "../../../netlink/errno.ts";
import { writeU16Host } from "../../../netlink/host-bytes.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { bytesFromHex } from "../../../wire/hex.ts";
import { fail, isInterfaceName, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { formatLinkAddress, parseLinkAddress } from "../addresses.ts";
import { attempt } from "../netns-names.ts";
import { familyColor } from "../route/hop.ts";
import type { Session } from "../session.ts";

const USAGE = `Usage: ip maddr [ add | del ] MULTIADDR dev STRING
       ip maddr show [ dev STRING ]
`;

const SIOCADDMULTI = 0x8931;
const SIOCDELMULTI = 0x8932;

interface Membership {
  readonly index: number;
  readonly device: string;
  readonly family: number;
  readonly address: Uint8Array;
  readonly users: number;
  readonly isStatic?: boolean;
}

/** Returns the exit code. */
export function maddress(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "add")) return change(session, args, SIOCADDMULTI);
  if (matches(word, "delete")) return change(session, args, SIOCDELMULTI);
  if (matches(word, "list") || matches(word, "show") || matches(word, "lst")) return list(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "ip maddr help".\n`);
}

function lines({ process }: Session, path: string): string[] {
  const bytes = attempt(() => process.files.readFile(path)).value;
  return bytes === undefined ? [] : new TextDecoder().decode(bytes).split("\n");
}

const bytesOf = (text: string): Uint8Array => bytesFromHex(text) ?? new Uint8Array(0);

/** /proc/net/dev_mcast: index, name, users, static users, address. */
function linkGroups(session: Session): Membership[] {
  return lines(session, "/proc/net/dev_mcast").flatMap((line) => {
    const [index, device, users, fixed, address] = line.trim().split(/\s+/);
    if (device === undefined || address === undefined) return [];
    const isStatic = Number(fixed) !== 0;
    const group = bytesOf(address);
    return [
      { index: Number(index), device, family: AF.PACKET, address: group, users: Number(users), isStatic },
    ];
  });
}

/** /proc/net/igmp: a line for a device, then an indented one for each group, its address in host order. */
function ipv4Groups(session: Session): Membership[] {
  const groups: Membership[] = [];
  let index = 0;
  let device = "";
  for (const line of lines(session, "/proc/net/igmp").slice(1)) {
    if (!line.startsWith("\t")) {
      const [number = "0", name = ""] = line.trim().split(/\s+/);
      index = Number(number);
      device = name;
      continue;
    }
    const [address = "", users = "0"] = line.trim().split(/\s+/);
    groups.push({
      index,
      device,
      family: AF.INET,
      address: bytesOf(address).reverse(),
      users: Number(users),
    });
  }
  return groups;
}

/** /proc/net/igmp6: index, name, address, users. */
function ipv6Groups(session: Session): Membership[] {
  return lines(session, "/proc/net/igmp6").flatMap((line) => {
    const [index, device, address, users] = line.trim().split(/\s+/);
    if (device === undefined || address === undefined) return [];
    return [
      { index: Number(index), device, family: AF.INET6, address: bytesOf(address), users: Number(users) },
    ];
  });
}

function list(session: Session, args: Arguments): number {
  const { out, family } = session;
  let only: string | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") args.next();
    else if (matches(args.current, "help")) fail(session.process, 255, USAGE);
    if (only !== undefined) args.garbage("dev");
    only = args.current;
  }
  const wanted = (each: number): boolean => family === AF.UNSPEC || family === each;
  const all = [
    ...(wanted(AF.PACKET) ? linkGroups(session) : []),
    ...(wanted(AF.INET) ? ipv4Groups(session) : []),
    ...(wanted(AF.INET6) ? ipv6Groups(session) : []),
  ].filter(({ device }) => only === undefined || device === only);
  // By device, and for each in the order in which they were read.
  all.sort((a, b) => a.index - b.index);
  out.begin();
  let current = 0;
  for (const group of all) {
    if (group.index !== current) {
      if (current !== 0) closeDevice(session);
      openDevice(session, group);
      current = group.index;
    }
    printGroup(session, group);
  }
  if (current !== 0) closeDevice(session);
  out.end();
  return 0;
}

function openDevice({ out }: Session, { index, device }: Membership): void {
  out.openObject();
  out.fact("ifindex", index, `${index}:`);
  out.fact("ifname", device, `\t${device}`, "ifname");
  out.text(out.lineEnd);
  out.openArray("maddr");
}

function closeDevice({ out }: Session): void {
  out.closeArray();
  out.closeObject();
}

function printGroup(session: Session, group: Membership): void {
  const { out } = session;
  const { family, address, users } = group;
  out.openObject();
  out.text("\t");
  if (family === AF.PACKET) {
    const text = formatLinkAddress(address, 0);
    out.text("link  ");
    out.fact("link", text, text, "mac");
  } else {
    const name = family === AF.INET ? "inet" : "inet6";
    const text = session.host(family, address);
    out.fact("family", name, `${name.padEnd(5)} `);
    out.fact("address", text, text, familyColor(family));
  }
  if (users !== 1) out.fact("users", users, ` users ${users}`);
  if (group.isStatic) out.fact("features", "static", " static");
  out.text("\n");
  out.closeObject();
}

function change(session: Session, args: Arguments, request: number): number {
  const { process } = session;
  const ifreq = new Uint8Array(40); // struct ifreq: name, then struct sockaddr
  let device: string | undefined;
  let address: Uint8Array | undefined;
  if (session.family === AF.UNSPEC) session.family = AF.PACKET;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") {
      args.next();
      if (device !== undefined) args.duplicate("dev");
      if (!isInterfaceName(args.current)) args.invalid('"dev" not a valid ifname');
      device = args.current;
      continue;
    }
    if (matches(args.current, "address")) args.next();
    if (matches(args.current, "help")) fail(process, 255, USAGE);
    if (address !== undefined) args.duplicate("address");
    address = parseLinkAddress(args, args.current, 14) ?? process.exit(1);
  }
  if (device === undefined) return fail(process, 255, 'Not enough information: "dev" is required.\n');
  ifreq.set(new TextEncoder().encode(device));
  writeU16Host(ifreq, 16, AF.UNSPEC);
  ifreq.set(address ?? new Uint8Array(0), 18);
  const done = attempt(() => process.ioctl({ shape: "ifreq", number: request, data: ifreq }));
  return "errno" in done ? fail(process, 1, `ioctl: ${strerror(done.errno)}\n`) : 0;
}
