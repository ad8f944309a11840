// BPDUs in frames of IEEE 802.3 with LLC, IEEE 802.1D 7.8 and 9: to 01:80:c2:00:00:00, both SAPs 0x42.

import { ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../../wire/ethernet.ts";
import { LLC_HEADER_LENGTH, LLC_UI, LlcSap } from "../../../wire/llc.ts";
import { readU16BE } from "../../../wire/bytes.ts";
import { Malformed } from "../../../wire/malformed.ts";
import { bpduLength, decodeBpdu, writeBpdu } from "../../../wire/stp.ts";
import type { Bpdu } from "../../../wire/stp.ts";
import type { MacAddress } from "../../../wire/mac.ts";

const STP_ADDRESS = 0x0180_c200_0000;

export function bpduFrame(source: MacAddress, bpdu: Bpdu): Uint8Array {
  const content = LLC_HEADER_LENGTH + bpduLength(bpdu);
  const bytes = new Uint8Array(ETHERNET_HEADER_LENGTH + content);
  const at = writeEthernetHeader(bytes, 0, STP_ADDRESS, source, content);
  bytes[at] = LlcSap.BRIDGE_SPANNING_TREE;
  bytes[at + 1] = LlcSap.BRIDGE_SPANNING_TREE;
  bytes[at + 2] = LLC_UI;
  writeBpdu(bpdu, bytes, at + LLC_HEADER_LENGTH);
  return bytes;
}

/** The BPDU of a frame that starts at `start`; undefined if there is none. */
export function readBpduFrame(bytes: Uint8Array, start: number, end: number): Bpdu | undefined {
  const at = start + ETHERNET_HEADER_LENGTH;
  if (end - at < LLC_HEADER_LENGTH) return undefined;
  const length = readU16BE(bytes, start + 12);
  const last = Math.min(end, at + length);
  if (bytes[at] !== LlcSap.BRIDGE_SPANNING_TREE) return undefined;
  const bpdu = decodeBpdu(bytes, at + LLC_HEADER_LENGTH, last);
  return bpdu instanceof Malformed ? undefined : bpdu;
}
