// CFM on a port of a bridge: its heartbeats in frames, and which frames are for it.

import { writeU16BE } from "../../../wire/bytes.ts";
import { CCM_LENGTH, CFM_ETHERTYPE, decodeCcm, writeCcm } from "../../../wire/cfm.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../../wire/ethernet.ts";
import { Malformed } from "../../../wire/malformed.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import { extractFlow, found } from "../../../ovsproto/flow/extract.ts";
import { dlType, macAt, newFlow, unwildcardMac, W } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { Cfm } from "./cfm.ts";

/** Continuity checks of level 0 (IEEE 802.1ag, table 8-9), and those of Open vSwitch's extended mode. */
const CCM_ADDRESS = 0x0180_c200_0030;
const EXTENDED_ADDRESS = 0x0123_2000_0030;
const ETHERTYPE_VLAN = 0x8100;
const TAG_LENGTH = 4;

function addressOf({ settings }: Cfm): number {
  return settings.extended ? EXTENDED_ADDRESS : CCM_ADDRESS;
}

/** @param own address of the interface */
export function cfmFrame(cfm: Cfm, own: number, now: number): Uint8Array {
  const { priority } = cfm.settings;
  const vlan = cfm.nextVlan();
  const tagged = vlan !== 0 || priority !== 0;
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + (tagged ? TAG_LENGTH : 0) + CCM_LENGTH);
  let at = writeEthernetHeader(frame, 0, addressOf(cfm), own, tagged ? ETHERTYPE_VLAN : CFM_ETHERTYPE);
  if (tagged) {
    writeU16BE(frame, at, (priority << 13) | vlan);
    writeU16BE(frame, at + 2, CFM_ETHERTYPE);
    at += TAG_LENGTH;
  }
  writeCcm(cfm.heartbeat(now), frame, at);
  return frame;
}

/** cfm_should_process_flow() */
export function cfmTakes(cfm: Cfm, flow: Flow, wildcards: Flow): boolean {
  unwildcardMac(wildcards, W.ETH_DST);
  return dlType(flow) === CFM_ETHERTYPE && macAt(flow, W.ETH_DST) === addressOf(cfm);
}

export function receiveCfm(cfm: Cfm, packet: Packet, now: number): void {
  const flow = newFlow();
  extractFlow(packet, flow);
  const ccm = decodeCcm(packet.bytes, found.network, packet.end);
  cfm.receive(ccm instanceof Malformed ? undefined : ccm, macAt(flow, W.ETH_SRC), now);
}
