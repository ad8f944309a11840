// What flows of the kernel's datapath must look like (ovs_nla_get_match, match_validate of net/openvswitch/flow_netlink.c), and which
// attributes it shows of one (ovs_nla_put_key).

import { EtherType } from "../../wire/ethernet.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { OVS_MAX_PORTS } from "../../netlink/generic/openvswitch.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { exactRow, readKeyAttributes } from "../../ovsproto/datapath/key-attributes.ts";
import { transportOf } from "../../ovsproto/datapath/parse-flow.ts";
import type { KeyAttributes, KeyShape } from "../../ovsproto/datapath/key-attributes.ts";
import {
  anyOf,
  DL_TYPE_NONE,
  dlType,
  isMplsType,
  isNd,
  isTunnelled,
  isVlanType,
  nwFrag,
  nwProto,
  tpDst,
  tpSrc,
  unwildcard,
  vlanTpid,
  W,
  word,
} from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";

export interface FlowMatch {
  readonly key: Flow;
  readonly mask: Flow;
}

const TAG_PRESENT = 0x1000;
const CT_SUPPORTED = 0xff;
const EXACT = 0xffff_ffff;

/** Attributes of which a mask may speak only if the flow is of that kind in all bits. */
const OF_A_KIND: ReadonlySet<string> = new Set([
  "ipv4",
  "ipv6",
  "tcp",
  "tcp_flags",
  "udp",
  "sctp",
  "icmp",
  "icmpv6",
  "arp",
  "nd",
  "mpls",
  "nsh",
  "ct_tuple4",
  "ct_tuple6",
]);

function invalid(): never {
  throw new Refusal(ERRNO.EINVAL);
}

/** Without a mask all bits of what the key has matter. Errors: Refusal EINVAL. */
export function readMatch(keyBytes: Uint8Array, maskBytes: Uint8Array | undefined): FlowMatch {
  const read = readKeyAttributes(keyBytes);
  checkKey(read);
  const key = read.row;
  const said = maskBytes && readKeyAttributes(maskBytes, true);
  if (said?.wrong === true) invalid();
  const mask = said ? said.row : exactRow(read);
  if (read.present.has("in_port")) mask[W.IN_PORT] = EXACT;
  else key[W.IN_PORT] = OVS_MAX_PORTS;
  mask[W.ETH_TYPE] = 0xffff;
  mask[W.PACKET_TYPE] = EXACT;
  // Keys cannot leave open whether there is a tag.
  for (let tag = 0; tag < 2; tag++) {
    if (tag >= read.tags) mask[W.VLAN + tag] = EXACT;
    else {
      if ((word(mask, W.VLAN + tag) & TAG_PRESENT) === 0) invalid();
      unwildcard(mask, W.VLAN + tag, 0xffff_0000);
    }
  }
  if (!read.present.has("eth")) key[W.PACKET_TYPE] = (0x1_0000 | dlType(key)) >>> 0;
  checkShape(read, said, mask);
  return { key, mask };
}

/** ovs_key_from_nlattrs(), without what match_validate() looks at. */
function checkKey({ row, present, wrong }: KeyAttributes): void {
  if (wrong) invalid();
  if (!present.has("eth") && !present.has("eth_type")) invalid();
  if (present.has("vlan")) {
    if (!present.has("encap")) invalid();
    for (let tag = 0; tag < 2; tag++) {
      const both = word(row, W.VLAN + tag);
      if (both !== 0 && ((both & TAG_PRESENT) === 0 || !isVlanType(both >>> 16))) invalid();
    }
  }
  if (present.has("tunnel") && word(row, W.TUN_DST) === 0 && !anyOf(row, W.TUN_IPV6_DST, 4)) invalid();
  if ((word(row, W.CT_STATE_ZONE) >>> 16) & ~CT_SUPPORTED) invalid();
  if (present.has("in_port") && word(row, W.IN_PORT) >= OVS_MAX_PORTS) invalid();
  if (nwFrag(row) > 3 || nwFrag(row) === 2) invalid();
}

/** match_validate(): what belongs to the protocol has to be there, and no mask speaks of another. */
function checkShape({ row, present }: KeyAttributes, said: KeyAttributes | undefined, mask: Flow): void {
  const wanted = new Set<string>();
  const allowed = new Set<string>();
  const expect = (name: string, exact: boolean, ...more: string[]) => {
    wanted.add(name);
    if (exact) for (const each of [name, ...more]) allowed.add(each);
  };
  const type = dlType(row);
  const transport = () => {
    if (nwFrag(row) === 3) return;
    const name = transportOf(type, nwProto(row));
    if (name === undefined) return;
    const exact = nwProto(mask) === 0xff;
    expect(name, exact, ...(name === "tcp" ? ["tcp_flags"] : []));
    if (name === "icmpv6" && isNd(row)) {
      allowed.delete("ct_tuple6");
      expect("nd", (tpSrc(mask) & 0xff) === 0xff && (tpDst(mask) & 0xff) === 0xff);
    }
  };
  if (type === 0x0806 || type === 0x8035) expect("arp", true);
  else if (isMplsType(type)) expect("mpls", true);
  else if (type === EtherType.NSH) expect("nsh", true);
  else if (type === 0x0800) {
    expect("ipv4", true, "ct_tuple4");
    transport();
  } else if (type === 0x86dd) {
    expect("ipv6", true, "ct_tuple6");
    transport();
  }
  for (const name of wanted) if (!present.has(name)) invalid();
  for (const name of said?.present ?? []) if (OF_A_KIND.has(name) && !allowed.has(name)) invalid();
}

/** What the kernel tells of a flow with this key. */
export function kernelShape(key: Flow): KeyShape {
  const present = new Set([
    "recirc_id",
    "dp_hash",
    "skb_priority",
    "skb_mark",
    "ct_state",
    "ct_zone",
    "ct_mark",
    "ct_label",
  ]);
  if (isTunnelled(key)) present.add("tunnel");
  if (word(key, W.IN_PORT) !== OVS_MAX_PORTS) present.add("in_port");
  const type = dlType(key);
  if (word(key, W.CT_NW_PROTO) !== 0) present.add(type === 0x86dd ? "ct_tuple6" : "ct_tuple4");
  let tags = 0;
  if (word(key, W.PACKET_TYPE) === 0) {
    present.add("eth");
    while (tags < 2 && vlanTpid(key, tags) !== 0) tags++;
  }
  if (type !== DL_TYPE_NONE && type !== 0) present.add("eth_type");
  let labels = 0;
  if (type === 0x0800 || type === 0x86dd) {
    present.add(type === 0x0800 ? "ipv4" : "ipv6");
    if (type === 0x86dd) present.add("ipv6_exthdrs");
    const transport = nwFrag(key) === 3 ? undefined : transportOf(type, nwProto(key));
    if (transport !== undefined) present.add(transport);
    if (transport === "tcp") present.add("tcp_flags");
    if (isNd(key)) present.add("nd");
  } else if (type === 0x0806 || type === 0x8035) present.add("arp");
  else if (type === EtherType.NSH) present.add("nsh");
  else if (isMplsType(type)) {
    present.add("mpls");
    labels = 1;
    while (labels < 3 && word(key, W.MPLS_LSE + labels) !== 0) labels++;
  }
  return { present, tags, labels };
}
