// What a packet-in tells beside the packet, as each version of OpenFlow can say it.

import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import { CT_STATE } from "../../conntrack/connection-table.ts";
import type { TlvTable } from "../tun-metadata/tlv-table.ts";
import { FLOW_WORDS, newFlow, W, word } from "../../../ovsproto/flow/flow.ts";

/** Reasons of newer versions as older ones tell them. */
export function packetInReason(reason: number, version: OpenFlowVersion): number {
  switch (reason) {
    case 6: // a miss that a flow has asked for
      return version < 4 ? 1 : 0;
    case 7:
      return 0;
    case 3:
    case 4:
    case 5:
      return version < 5 ? 1 : reason;
    default:
      return reason;
  }
}

/** flow_get_metadata(): what a packet-in tells beside the packet. */
export function packetInMetadata(flow: Uint32Array, options: TlvTable): Match {
  const value = newFlow();
  const mask = newFlow();
  for (let at = 0; at < FLOW_WORDS; at++) {
    if (at >= W.ETH_DST || at === W.IN_PORT || at === W.PACKET_TYPE || word(flow, at) === 0) continue;
    if (
      at === W.ACTSET_OUTPUT ||
      at === W.RECIRC_ID ||
      at === W.SKB_PRIORITY ||
      at === W.CONJ_ID ||
      at === W.DP_HASH
    ) {
      continue;
    }
    value[at] = word(flow, at);
    mask[at] = 0xffff_ffff;
  }
  const state = word(flow, W.CT_STATE_ZONE) >>> 16;
  if (state !== 0) {
    // what the tracker tells is read by it
    value[W.ETH_TYPE] = word(flow, W.ETH_TYPE);
    mask[W.ETH_TYPE] = 0xffff;
  }
  if (state & CT_STATE.INVALID) {
    value.fill(0, W.CT_NW_SRC, W.ETH_DST);
    mask.fill(0, W.CT_NW_SRC, W.ETH_DST);
  }
  value[W.IN_PORT] = word(flow, W.IN_PORT);
  mask[W.IN_PORT] = 0xffff;
  const match = new Match(value, mask);
  options.describe(match, flow, undefined);
  return match;
}
