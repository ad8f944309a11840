// push_mpls and pop_mpls (compose_mpls_push_action, compose_mpls_pop_action, flow_push_mpls in Open vSwitch's lib/flow.c).

import {
  dlType,
  isIpv4,
  isIpv6,
  isMplsType,
  MAX_MPLS,
  nwTos,
  nwTtl,
  unwildcard,
  W,
  word,
} from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { commit } from "./commit.ts";
import { XLATE_ERROR } from "./context.ts";
import type { XlateContext } from "./context.ts";

/** Bottom of stack, in a label stack entry. */
const BOS = 0x100;

/** flow_count_mpls_labels() */
function countLabels(flow: Flow, wildcards: Flow): number {
  if (!isMplsType(dlType(flow))) return 0;
  for (let i = 0; i < MAX_MPLS; i++) {
    unwildcard(wildcards, W.MPLS_LSE + i, BOS);
    if (word(flow, W.MPLS_LSE + i) & BOS) return i + 1;
  }
  return MAX_MPLS;
}

export function pushMpls(context: XlateContext, etherType: number): void {
  const { flow, wildcards } = context;
  const count = countLabels(flow, wildcards);
  if (count === 0) commit(context);
  else if (count >= MAX_MPLS) {
    context.fail(
      `dropping packet on which an MPLS push action can't be performed as it would have more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    context.error = XLATE_ERROR.TOO_MANY_MPLS_LABELS;
    return;
  }
  for (let i = count; i > 0; i--) flow[W.MPLS_LSE + i] = word(flow, W.MPLS_LSE + i - 1);
  if (count > 0) {
    unwildcard(wildcards, W.MPLS_LSE);
    flow[W.MPLS_LSE] = (word(flow, W.MPLS_LSE + 1) & ~BOS) >>> 0;
  } else {
    // IPv4 explicit null and IPv6 explicit null; class and TTL come from the packet
    const label = isIpv6(flow) ? 2 : 0;
    const ip = isIpv4(flow) || isIpv6(flow);
    if (ip) unwildcard(wildcards, W.NW, 0x00fc_ff00);
    const tc = ip ? ((nwTos(flow) & 0xfc) >>> 2) & 7 : 0;
    const ttl = ip ? nwTtl(flow) : 64;
    flow[W.MPLS_LSE] = ((label << 12) | (tc << 9) | BOS | (ttl === 0 ? 64 : ttl)) >>> 0;
    // What the packet was is not known to later actions.
    clearNetwork(flow);
  }
  flow[W.ETH_TYPE] = etherType;
}

export function popMpls(context: XlateContext, etherType: number): void {
  const { flow, wildcards } = context;
  const count = countLabels(flow, wildcards);
  if (count === 0) return;
  if (count >= MAX_MPLS && (word(flow, W.MPLS_LSE + MAX_MPLS - 1) & BOS) === 0) {
    context.fail(
      `dropping packet on which an MPLS pop action can't be performed as it has more MPLS LSEs than the ${MAX_MPLS} supported.`,
    );
    context.error = XLATE_ERROR.TOO_MANY_MPLS_LABELS;
    return;
  }
  if (count === 1) {
    // What is below the last label is known only after the datapath has taken it off.
    if (!isMplsType(etherType) && isMplsType(dlType(context.base))) context.wasMpls = true;
  }
  for (let i = 0; i < MAX_MPLS - 1; i++) flow[W.MPLS_LSE + i] = word(flow, W.MPLS_LSE + i + 1);
  flow[W.MPLS_LSE + MAX_MPLS - 1] = 0;
  flow[W.ETH_TYPE] = etherType;
}

function clearNetwork(flow: Flow): void {
  flow.fill(0, W.NW_SRC, W.NSH);
}
