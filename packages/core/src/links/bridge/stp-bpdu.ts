// BPDUs of the spanning tree on the wire, out and in (net/bridge/br_stp_bpdu.c). IEEE 802.1D-1998, 9.

import { Packet } from "../../kernel/packet.ts";
import { transmit } from "../../kernel/transmit.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import { LLC_HEADER_LENGTH, LLC_UI, LlcSap } from "../../wire/llc.ts";
import type { BridgeId } from "../../wire/stp.ts";
import { bpduLength, STP_TIME_UNITS_PER_SECOND, writeBpdu } from "../../wire/stp.ts";
import type { Bpdu } from "../../wire/stp.ts";
import type { Jiffies } from "./jiffies.ts";
import type { BridgePort } from "./port.ts";

/** A configuration BPDU as the bridge computes with it: times in jiffies (struct br_config_bpdu). */
export interface ConfigMessage {
  readonly topologyChange: boolean;
  readonly topologyChangeAck: boolean;
  readonly root: BridgeId;
  readonly rootPathCost: number;
  readonly bridge: BridgeId;
  readonly portId: number;
  readonly messageAge: Jiffies;
  readonly maxAge: Jiffies;
  readonly helloTime: Jiffies;
  readonly forwardDelay: Jiffies;
}

const PRIORITY_CONTROL = 7; // TC_PRIO_CONTROL

/** br_set_ticks() */
export function toWireTime(jiffies: Jiffies, hz: number): number {
  return Math.floor((STP_TIME_UNITS_PER_SECOND * jiffies) / hz) & 0xffff;
}

/** br_get_ticks() */
export function fromWireTime(units: number, hz: number): Jiffies {
  return Math.ceil((units * hz) / STP_TIME_UNITS_PER_SECOND);
}

function send(port: BridgePort, bpdu: Bpdu): void {
  const { bridge, device } = port;
  const content = LLC_HEADER_LENGTH + bpduLength(bpdu);
  const packet = Packet.allocate(device, ETHERNET_HEADER_LENGTH + content);
  const { bytes, start } = packet;
  // IEEE 802.3 framing: what stands in the type field is the length.
  const at = writeEthernetHeader(bytes, start, bridge.groupAddress, device.address, content);
  bytes[at] = LlcSap.BRIDGE_SPANNING_TREE;
  bytes[at + 1] = LlcSap.BRIDGE_SPANNING_TREE;
  bytes[at + 2] = LLC_UI;
  writeBpdu(bpdu, bytes, at + LLC_HEADER_LENGTH);
  packet.protocol = 4; // ETH_P_802_2
  packet.network = at;
  packet.priority = PRIORITY_CONTROL;
  transmit(packet);
}

/** br_send_config_bpdu() */
export function sendConfig(port: BridgePort, message: ConfigMessage): void {
  if (!port.bridge.stp) return;
  const { hz } = port.bridge.kernel.profile;
  send(port, {
    kind: "config",
    topologyChange: message.topologyChange,
    topologyChangeAck: message.topologyChangeAck,
    root: message.root,
    rootPathCost: message.rootPathCost,
    bridge: message.bridge,
    portId: message.portId,
    messageAge: toWireTime(message.messageAge, hz),
    maxAge: toWireTime(message.maxAge, hz),
    helloTime: toWireTime(message.helloTime, hz),
    forwardDelay: toWireTime(message.forwardDelay, hz),
  });
  port.stpCounters.txBpdu++;
}

/** br_send_tcn_bpdu() */
export function sendTcn(port: BridgePort): void {
  if (!port.bridge.stp) return;
  send(port, { kind: "tcn" });
  port.stpCounters.txTcn++;
}
