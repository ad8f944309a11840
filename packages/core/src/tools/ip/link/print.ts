// Prints one link: the two lines of `ip link`, the first lines of `ip address`, and the one line of -br.

import { Refusal } from "../../../netlink/refusal.ts";
import { IFF } from "../../../netlink/rtnl/link-constants.ts";
import type { LinkMessage } from "../../../netlink/rtnl/link.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { writeU32Host, readU32Host } from "../../../netlink/host-bytes.ts";
import { formatLinkAddress } from "../addresses.ts";
import type { LinkKinds } from "../link-syntax.ts";
import type { Session } from "../session.ts";
import { addrGenModeName, printEvent, printFlags, printLinkMode, printOperstate } from "./flags.ts";
import { linkTypeName } from "./link-types.ts";
import { printStatistics } from "./statistics.ts";

/** How much is told of a link. */
export interface LinkView {
  /** `ip link` tells of modes, counters and aliases; `ip address` does not. */
  readonly aboutLinks: boolean;
  /** Family that the command is about; link-layer addresses appear for none and for AF_PACKET. */
  readonly family: number;
  /** Tell the queue length, asking for it if the message has none. */
  readonly queueLength: boolean;
  /** RTM_DELLINK. */
  readonly deleted?: boolean;
}

const EMPTY = new Uint8Array(0);

/** The name with what is below it: `veth1@veth2`, `eth0@if7`. Returns true if the device below is known to be down. */
export function printName(session: Session, link: LinkMessage, format: (name: string) => string): boolean {
  const { out, links } = session;
  const name = link.ifname ?? "";
  let below: string | undefined;
  let lowerDown = false;
  if (link.link === 0) {
    if (out.json) out.member("link", null);
    else below = "NONE";
  } else if (link.link !== undefined && link.linkNetnsid !== undefined) {
    if (out.json) out.member("link_index", link.link);
    else below = `if${link.link}`;
  } else if (link.link !== undefined) {
    below = links.name(link.link);
    if (out.json) out.member("link", below);
    const flags = links.knownFlags(link.link);
    lowerDown = flags !== undefined && (flags & IFF.UP) === 0;
  }
  const full = below === undefined || out.json ? name : `${name}@${below}`;
  out.fact("ifname", full, format(full), "ifname");
  return lowerDown;
}

/** One line for -br. Addresses follow where the command is about addresses. */
export function printLinkBrief(session: Session, link: LinkMessage, family: number): void {
  const { out } = session;
  if (link.linkinfo === undefined && link.ifname === undefined) return;
  const lowerDown = printName(session, link, (name) => `${name.padEnd(16)} `);
  if (link.operstate !== undefined) printOperstate(out, link.operstate, true);
  if (family !== AF.PACKET) return;
  if (link.address !== undefined) {
    const address = formatLinkAddress(link.address, link.type);
    out.fact("address", address, `${address} `, "mac");
  }
  printFlags(out, link.flags, lowerDown);
  out.text("\n");
}

export function printLink(session: Session, kinds: LinkKinds, link: LinkMessage, view: LinkView): void {
  const { out, options, names, links } = session;
  if (view.deleted) out.flag("deleted", "Deleted ");
  out.fact("ifindex", link.index, `${link.index}: `);
  const lowerDown = printName(session, link, (name) => `${name}: `);
  printFlags(out, link.flags, lowerDown);
  if (link.mtu !== undefined) out.fact("mtu", link.mtu, `mtu ${link.mtu} `);
  if (link.qdisc !== undefined) out.fact("qdisc", link.qdisc, `qdisc ${link.qdisc} `);
  if (link.master !== undefined) {
    const master = links.name(link.master);
    out.fact("master", master, `master ${master} `);
  }
  if (link.operstate !== undefined) printOperstate(out, link.operstate, false);
  if (view.aboutLinks && link.linkmode !== undefined) printLinkMode(out, link.linkmode);
  if (link.group !== undefined) {
    const group = names.name("group", link.group);
    out.fact("group", group, `group ${group} `);
  }
  if (view.queueLength) printQueueLength(session, link);
  if (link.event !== undefined) printEvent(out, link.event);
  if (view.family === AF.UNSPEC || view.family === AF.PACKET || options.details > 0)
    printAddresses(session, link);
  printNetnsids(session, link);
  printProtoDown(session, link);
  if (options.details > 0) printDetails(session, kinds, link, view);
  if ((view.aboutLinks || options.details > 0) && link.ifalias !== undefined) {
    out.text(out.lineEnd);
    out.fact("ifalias", link.ifalias, `    alias ${link.ifalias}`);
  }
  if (view.aboutLinks && options.stats > 0) {
    out.text(out.lineEnd);
    printStatistics(session, link);
  }
  printAlternativeNames(session, link);
  out.text("\n");
}

/** `qlen N`. A kernel that leaves it out of the message (AF_INET6) is asked by ioctl. */
function printQueueLength(session: Session, link: LinkMessage): void {
  const { process, out } = session;
  let length = link.txqlen;
  if (length === undefined) {
    const request = new Uint8Array(40); // struct ifreq
    request.set(new TextEncoder().encode(link.ifname ?? "").subarray(0, 15));
    writeU32Host(request, 16, 0);
    try {
      process.ioctl({ shape: "ifreq", number: 0x8942 /* SIOCGIFTXQLEN */, data: request });
      length = readU32Host(request, 16);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return;
    }
  }
  if (length !== 0) out.fact("txqlen", length, `qlen ${length}`);
}

function printAddresses({ out, options }: Session, link: LinkMessage): void {
  const type = linkTypeName(link.type, options.numeric);
  out.text(out.lineEnd);
  out.fact("link_type", type, `    link/${type} `);
  if (link.address !== undefined) {
    const address = formatLinkAddress(link.address, link.type);
    out.fact("address", address, address, "mac");
  }
  if (link.broadcast !== undefined) {
    const pointToPoint = (link.flags & IFF.POINTOPOINT) !== 0;
    out.text(pointToPoint ? " peer " : " brd ");
    if (pointToPoint) out.member("link_pointtopoint", true);
    const broadcast = formatLinkAddress(link.broadcast, link.type);
    out.fact("broadcast", broadcast, broadcast, "mac");
  }
  if (link.permAddress !== undefined) {
    const permanent = formatLinkAddress(link.permAddress, link.type);
    const address = link.address === undefined ? undefined : formatLinkAddress(link.address, link.type);
    if (permanent === address) return;
    out.text(" permaddr ");
    out.fact("permaddr", permanent, permanent, "mac");
  }
}

/** Where the other end is, and where a moved device went. */
function printNetnsids({ out, netnses }: Session, link: LinkMessage): void {
  if (link.linkNetnsid !== undefined) {
    const id = link.linkNetnsid;
    if (out.json) out.member("link_netnsid", id);
    else if (id < 0) out.text(" link-netnsid unknown");
    else {
      const name = netnses.nameOf(id);
      out.text(name === undefined ? ` link-netnsid ${id}` : ` link-netns ${name}`);
    }
  }
  if (link.newNetnsid !== undefined) {
    const name = netnses.nameOf(link.newNetnsid);
    out.text(name === undefined ? ` new-netnsid ${link.newNetnsid}` : ` new-netns ${name}`);
  }
  if (link.newIfindex !== undefined) out.text(` new-ifindex ${link.newIfindex}`);
}

function printProtoDown({ out }: Session, link: LinkMessage): void {
  if (link.protoDown !== undefined && link.protoDown !== 0) out.flag("proto_down", " protodown on ");
  const reasons = link.protoDownReason?.value ?? 0;
  if (link.protoDown === undefined || reasons === 0) return;
  out.openArray("proto_down_reason", "protodown_reason <");
  let first = true;
  for (let bit = 0; bit < 32; bit++) {
    if (((reasons >>> bit) & 1) === 0) continue;
    out.element(String(bit), `${first ? "" : ","}${bit}`);
    first = false;
  }
  out.closeArray(">");
}

function printDetails(session: Session, kinds: LinkKinds, link: LinkMessage, view: LinkView): void {
  const { out } = session;
  const number = (key: string, value: number | undefined, text: string): void => {
    if (value !== undefined) out.fact(key, value, `${text} ${value} `);
  };
  const word = (key: string, value: string | undefined, text: string): void => {
    if (value !== undefined) out.fact(key, value, `${text} ${value} `);
  };
  const hexadecimal = (bytes: Uint8Array | undefined): string | undefined =>
    bytes && [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  number("promiscuity", link.promiscuity, " promiscuity");
  number("allmulti", link.allmulti, " allmulti");
  number("min_mtu", link.minMtu, "minmtu");
  number("max_mtu", link.maxMtu, "maxmtu");
  printKind(session, kinds, link);
  const mode = link.afSpec?.inet6?.addrGenMode;
  if (view.aboutLinks && mode !== undefined) {
    out.fact("inet6_addr_gen_mode", addrGenModeName(mode), `addrgenmode ${addrGenModeName(mode)} `);
  }
  number("num_tx_queues", link.numTxQueues, "numtxqueues");
  number("num_rx_queues", link.numRxQueues, "numrxqueues");
  number("gso_max_size", link.gsoMaxSize, "gso_max_size");
  number("gso_max_segs", link.gsoMaxSegs, "gso_max_segs");
  number("tso_max_size", link.tsoMaxSize, "tso_max_size");
  number("tso_max_segs", link.tsoMaxSegs, "tso_max_segs");
  number("gro_max_size", link.groMaxSize, "gro_max_size");
  word("phys_port_name", link.physPortName, "portname");
  word("phys_port_id", hexadecimal(link.physPortId), "portid");
  word("phys_switch_id", hexadecimal(link.physSwitchId), "switchid");
  word("parentbus", link.parentDevBusName, "parentbus");
  word("parentdev", link.parentDevName, "parentdev");
}

/** The kind and, as port of something, what a port of that kind has. */
function printKind(session: Session, kinds: LinkKinds, link: LinkMessage): void {
  const { out } = session;
  const { linkinfo } = link;
  if (linkinfo === undefined) return;
  out.openObject("linkinfo");
  if (linkinfo.kind !== undefined) {
    out.text(out.lineEnd);
    out.fact("info_kind", linkinfo.kind, `    ${linkinfo.kind} `);
    const syntax = kinds.get(linkinfo.kind);
    if (syntax?.print !== undefined) {
      out.openObject("info_data");
      syntax.print(session, linkinfo.data ?? EMPTY);
      out.closeObject();
    }
  }
  if (linkinfo.slaveKind !== undefined) {
    out.text(out.lineEnd);
    out.fact("info_slave_kind", linkinfo.slaveKind, `    ${linkinfo.slaveKind}_slave `);
    const syntax = kinds.get(`${linkinfo.slaveKind}_slave`);
    if (syntax?.print !== undefined) {
      out.openObject("info_slave_data");
      syntax.print(session, linkinfo.slaveData ?? EMPTY);
      out.closeObject();
    }
  }
  out.closeObject();
}

function printAlternativeNames({ out }: Session, link: LinkMessage): void {
  if (link.propList === undefined) return;
  out.openArray("altnames");
  for (const name of link.propList.altIfname ?? []) {
    out.text(out.lineEnd);
    out.element(name, `    altname ${name}`);
  }
  out.closeArray();
}
