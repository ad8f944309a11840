// What a packet-in tells beside the packet, as each version of OpenFlow can say it.

import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { NO_BUFFER } from "../../../ovsproto/openflow/flow-mod.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import type { PacketIn } from "../../../ovsproto/openflow/packet-messages.ts";
import { CT_STATE } from "../../conntrack/connection-table.ts";
import type { PacketInEvent } from "../bridge.ts";
import type { TlvTable } from "../tun-metadata/tlv-table.ts";
import { FLOW_WORDS, newFlow, W, word } from "../../../ovsproto/flow/flow.ts";

/** Fields of several words, which are told whole. */
const WIDE = [
  [W.METADATA, 2],
  [W.TUN_ID, 2],
  [W.TUN_IPV6_SRC, 4],
  [W.TUN_IPV6_DST, 4],
  [W.CT_LABEL, 4],
  [W.CT_IPV6_SRC, 4],
  [W.CT_IPV6_DST, 4],
] as const;

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
function metadataOf(flow: Uint32Array, options: TlvTable): Match {
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
  for (const [first, count] of WIDE) {
    if (mask.subarray(first, first + count).some((bits) => bits !== 0))
      mask.fill(0xffff_ffff, first, first + count);
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

/** A packet-in in one of its forms. Without buffers the whole packet is sent. */
export function packetInMessage(
  event: PacketInEvent,
  version: OpenFlowVersion,
  form: PacketIn["form"],
  options: TlvTable,
): PacketIn {
  return {
    type: "packet_in",
    form,
    bufferId: NO_BUFFER,
    totalLength: event.bytes.length,
    reason: packetInReason(event.reason, version),
    table: event.tableId,
    cookie: event.cookie,
    metadata: metadataOf(event.flow, options),
    packet: event.bytes,
    userdata: event.userdata,
    continuation: form === "nxt2" ? event.continuation : undefined,
  };
}

const BOGUS_FRAME_LENGTH = 60;

/** send_bogus_packet_ins(): a frame that came from nowhere, to see whether the controller answers. */
export function bogusPacketIn(): PacketInEvent {
  const bytes = new Uint8Array(BOGUS_FRAME_LENGTH);
  bytes.fill(0xff, 0, 6);
  bytes.set([0x00, 0x23, 0x20, 0x80, 0x00, 0x01], 6); // of Nicira
  bytes.set([0x80, 0x35, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x03], 12); // a reverse ARP request
  bytes.set(bytes.subarray(6, 12), 22);
  bytes.set(bytes.subarray(6, 12), 32);
  const flow = newFlow();
  flow[W.IN_PORT] = 0xfffe;
  return {
    bytes,
    reason: 0,
    tableId: 0xff,
    cookie: 0xffff_ffff_ffff_ffffn,
    controllerId: 0,
    maxLength: 0xffff,
    userdata: undefined,
    flow,
  };
}
