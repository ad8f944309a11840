// How many 64-bit units of Open vSwitch's struct flow (include/openvswitch/flow.h) a mask has bits in: the daemon's own datapath
// tells that of each flow (dp-extra-info), in two numbers: up to the MPLS labels, and from the network layer on. Words of a
// mask here lie in another order, so the units are listed.

import { isTunnelled, W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";

/** Words that share one. */
type Unit = readonly number[];

const pair = (a: number, b: number): Unit => [a, b];
/** 128 bits. */
const long = (at: number): readonly Unit[] => [pair(at, at + 1), pair(at + 2, at + 3)];

const LOWER: readonly Unit[] = [
  pair(W.TUN_DST, W.TUN_SRC),
  ...long(W.TUN_IPV6_DST),
  ...long(W.TUN_IPV6_SRC),
  pair(W.TUN_ID, W.TUN_ID + 1),
  pair(W.TUN_FLAGS_TOS_TTL, W.TUN_TP),
  pair(W.TUN_GBP_ERSPAN, W.TUN_ERSPAN_IDX),
  [W.TUN_ERSPAN_GTPU],
  pair(W.METADATA, W.METADATA + 1),
  ...Array.from({ length: 8 }, (_, at) => pair(W.REGS + 2 * at, W.REGS + 2 * at + 1)),
  pair(W.SKB_PRIORITY, W.PKT_MARK),
  pair(W.DP_HASH, W.IN_PORT),
  [W.RECIRC_ID, W.CT_STATE_ZONE, W.CT_NW_PROTO],
  [W.CT_MARK], // the packet type, which shares it, is not counted
  ...long(W.CT_LABEL),
  pair(W.CONJ_ID, W.ACTSET_OUTPUT),
  [W.ETH_DST, W.ETH_DST + 1, W.ETH_SRC],
  pair(W.ETH_SRC + 1, W.ETH_TYPE),
  pair(W.VLAN, W.INNER_VLAN),
  pair(W.MPLS_LSE, W.MPLS_LSE + 1),
  [W.MPLS_LSE + 2],
];

const UPPER: readonly Unit[] = [
  pair(W.NW_SRC, W.NW_DST),
  pair(W.CT_NW_SRC, W.CT_NW_DST),
  ...long(W.IPV6_SRC),
  ...long(W.IPV6_DST),
  ...long(W.CT_IPV6_SRC),
  ...long(W.CT_IPV6_DST),
  pair(W.IPV6_LABEL, W.NW),
  ...long(W.ND_TARGET),
  [W.ARP_SHA, W.ARP_SHA + 1, W.ARP_THA],
  [W.ARP_THA + 1, W.TCP_FLAGS],
  pair(W.TP, W.CT_TP),
  pair(W.NSH, W.NSH_PATH),
  pair(W.NSH_C, W.NSH_C + 1),
  pair(W.NSH_C + 2, W.NSH_C + 3),
];

function count(units: readonly Unit[], mask: Flow): number {
  return units.filter((unit) => unit.some((at) => word(mask, at) !== 0)).length;
}

/** Of a tunnelled packet also a pointer counts, to the table that gives its options their fields. */
export function miniflowBits(mask: Flow): string {
  const table = isTunnelled(mask) ? 1 : 0;
  return `miniflow_bits(${count(LOWER, mask) + table},${count(UPPER, mask)})`;
}
