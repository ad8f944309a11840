// Packets that tell the other switches where addresses are now, after a bond has chosen another active member
// (bundle_send_learning_packets, compose_rarp): a reverse ARP request in the name of each address that is behind other ports.

import { writeU16BE, writeU48BE, writeU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";
import { newFlow, setMacAt, W } from "../../ovsproto/flow/flow.ts";
import type { Bond } from "./bond.ts";
import type { Bridge } from "./bridge.ts";
import type { Bundle } from "./port.ts";
import { sendFrame } from "./send-frame.ts";
import { memberFor } from "./xlate/bond.ts";

const BROADCAST = 0xffff_ffff_ffff;
const ETHERTYPE_RARP = 0x8035;
const ETHERTYPE_VLAN = 0x8100;
const TAG_LENGTH = 4;
const RARP_LENGTH = 28;
/** RFC 903: request reverse. */
const OPERATION = 3;

export function sendLearningPackets(bridge: Bridge, bundle: Bundle, bond: Bond): void {
  for (const { mac, vlan, bundle: place } of [...bridge.macTable.entries()]) {
    if (place === bundle) continue;
    const flow = newFlow();
    setMacAt(flow, W.ETH_SRC, mac);
    const member = memberFor(bond, flow, vlan);
    if (member) sendFrame(bridge, member.port, rarpFrame(mac, vlan));
  }
}

/** @param vlan 0 for none */
export function rarpFrame(mac: number, vlan: number): Uint8Array {
  const tag = vlan === 0 ? 0 : TAG_LENGTH;
  const frame = new Uint8Array(ETHERNET_HEADER_LENGTH + tag + RARP_LENGTH);
  let at = writeEthernetHeader(frame, 0, BROADCAST, mac, vlan === 0 ? ETHERTYPE_RARP : ETHERTYPE_VLAN);
  if (vlan !== 0) {
    writeU16BE(frame, at, vlan);
    writeU16BE(frame, at + 2, ETHERTYPE_RARP);
    at += TAG_LENGTH;
  }
  writeU16BE(frame, at, 1); // Ethernet
  writeU16BE(frame, at + 2, 0x0800);
  writeU8(frame, at + 4, 6);
  writeU8(frame, at + 5, 4);
  writeU16BE(frame, at + 6, OPERATION);
  writeU48BE(frame, at + 8, mac);
  writeU48BE(frame, at + 18, mac);
  return frame;
}
