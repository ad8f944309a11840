// Labels of prefixes for choosing source addresses (RFC 6724, 2.1; net/ipv6/addrlabel.c): the table of a namespace, and the
// requests that change it.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { decodeAddressLabel, encodeAddressLabel } from "../../netlink/rtnl/address-label.ts";
import type { AddressLabelMessage } from "../../netlink/rtnl/address-label.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import {
  IPV6_ANY,
  ipv6InPrefix,
  ipv6Network,
  ipv6ToBytes,
  parseIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { Netns } from "../netns.ts";
import { Slot } from "../slot.ts";

/** No address has this label (IPV6_ADDR_LABEL_DEFAULT). */
const NO_LABEL = 0xffff_ffff;

interface LabelEntry {
  readonly prefix: Ipv6Address;
  readonly length: number;
  /** 0: on every device. */
  readonly ifindex: number;
  readonly label: number;
}

/** The standard table: RFC 6724 with the additions of Linux. */
const STANDARD: readonly LabelEntry[] = [
  standard("::1", 128, 0),
  standard("::", 96, 3),
  standard("::ffff:0:0", 96, 4),
  standard("2001::", 32, 6),
  standard("2001:10::", 28, 7),
  standard("3ffe::", 16, 12),
  standard("2002::", 16, 2),
  standard("fec0::", 10, 11),
  standard("fc00::", 7, 5),
  standard("::", 0, 1),
];

function standard(prefix: string, length: number, label: number): LabelEntry {
  return { prefix: parseIpv6(prefix) ?? IPV6_ANY, length, ifindex: 0, label };
}

/** Entries of a namespace, longest prefix first, with a number that rises with each change. */
class LabelTable {
  readonly entries: LabelEntry[] = [...STANDARD];
  sequence = 0;
}

const labelTable = new Slot<LabelTable>();

export function createLabels(netns: Netns): void {
  labelTable.set(netns, new LabelTable());
}

/** ipv6_addr_label() */
export function labelOf(netns: Netns, address: Ipv6Address, ifindex: number): number {
  for (const entry of labelTable.of(netns)?.entries ?? []) {
    if (entry.ifindex !== 0 && entry.ifindex !== ifindex) continue;
    if (ipv6InPrefix(address, entry.prefix, entry.length)) return entry.label;
  }
  return NO_LABEL;
}

/** Labels of a device that goes away go too. */
export function dropLabelsOf(netns: Netns, ifindex: number): void {
  const table = labelTable.of(netns);
  if (!table) return;
  const kept = table.entries.filter((entry) => entry.ifindex !== ifindex);
  table.entries.splice(0, table.entries.length, ...kept);
}

function decode(request: Request): AddressLabelMessage {
  const message = decodeAddressLabel(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

function prefixOf(message: AddressLabelMessage): Ipv6Address {
  if (message.family !== AF.INET6 || message.prefixlen > 128) throw new Refusal(ERRNO.EINVAL);
  if (message.address === undefined) throw new Refusal(ERRNO.EINVAL);
  if (message.address.length < 16) throw new Refusal(ERRNO.ERANGE, "Attribute failed policy validation");
  return ipv6Network(readIpv6Address(message.address, 0), message.prefixlen);
}

function indexOf(table: LabelTable, message: AddressLabelMessage, prefix: Ipv6Address): number {
  return table.entries.findIndex(
    (entry) =>
      entry.prefix === prefix && entry.length === message.prefixlen && entry.ifindex === message.index,
  );
}

/** ip6addrlbl_newdel() */
function change(request: Request): void {
  const message = decode(request);
  const prefix = prefixOf(message);
  const table = labelTable.require(request.netns);
  if (message.label === undefined || message.label === NO_LABEL) throw new Refusal(ERRNO.EINVAL);
  const index = indexOf(table, message, prefix);
  if (request.message.type === RTM.DELADDRLABEL) {
    if (index < 0) throw new Refusal(ERRNO.ESRCH);
    table.entries.splice(index, 1);
    table.sequence++;
    return;
  }
  if (message.index !== 0 && !request.netns.deviceByIndex(message.index)) throw new Refusal(ERRNO.EINVAL);
  const entry = { prefix, length: message.prefixlen, ifindex: message.index, label: message.label };
  if (index >= 0) {
    if ((request.message.flags & NLM_F.REPLACE) === 0) throw new Refusal(ERRNO.EEXIST);
    table.entries[index] = entry;
  } else {
    const place = table.entries.findIndex((other) => other.length <= entry.length);
    table.entries.splice(place < 0 ? table.entries.length : place, 0, entry);
  }
  table.sequence++;
}

function fill(entry: LabelEntry, sequence: number): Uint8Array {
  return encodeAddressLabel({
    family: AF.INET6,
    prefixlen: entry.length,
    flags: 0,
    index: entry.ifindex,
    seq: sequence,
    address: ipv6ToBytes(entry.prefix),
    label: entry.label,
  });
}

function get(request: Request): void {
  const message = decode(request);
  const prefix = prefixOf(message);
  const table = labelTable.require(request.netns);
  const entry = table.entries.find(
    ({ ifindex, prefix: own, length }) =>
      (ifindex === 0 || ifindex === message.index) && ipv6InPrefix(prefix, own, length),
  );
  if (!entry) throw new Refusal(ERRNO.ESRCH);
  request.reply(RTM.NEWADDRLABEL, fill({ ...entry, prefix, length: 128 }, table.sequence));
}

function dump(request: Request): DumpResult {
  const { entries, sequence } = labelTable.require(request.netns);
  return { type: RTM.NEWADDRLABEL, bodies: entries.map((entry) => fill(entry, sequence)) };
}

export function installAddressLabels(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET6, RTM.NEWADDRLABEL, { doit: change });
  kernel.rtnetlink.register(AF.INET6, RTM.DELADDRLABEL, { doit: change });
  kernel.rtnetlink.register(AF.INET6, RTM.GETADDRLABEL, { doit: get, dump });
}
