// IEEE 802.2 LLC and SNAP, and what is known by service access point or by SNAP's organization.

import type { Dissector } from "./dissector.ts";
import { fddi } from "./fddi.ts";
import { hexAndAscii } from "./hexdump.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { BRIDGED_PIDS, CISCO_PIDS, COMMANDS, DSAP_GROUP, FLAGS, SAPS, SUPERVISORY } from "./llc-names.ts";
import type { NameTable } from "./names.ts";
import { hex2, hex4, hex6 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { tokenRing } from "./token-ring.ts";

const UI = 0x03;
const U_FORMAT = 3;
const POLL_BIT = 0x10;
const [GLOBAL, SNAP, STP, IPX, OSI, IP] = [0xff, 0xaa, 0x42, 0xe0, 0xfe, 0x06];
const SNAP_LENGTH = 5;
const XID = 0xaf;
const XID_IEEE = 0x81;

const OUI_ETHERNET = 0x000000;
const OUI_CISCO_BRIDGED = 0x0000f8;
const OUI_CISCO = 0x00000c;
const OUI_BRIDGED = 0x0080c2;
const OUI_APPLETALK = 0x080007;

/** See `Layers.llc`. */
export function llc(
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): number {
  d.protocol = "llc";
  if (captured < 3 || length < 3) {
    d.truncated();
    hexAndAscii(d, "\n\t", at, captured);
    return Math.min(captured, length);
  }
  const dsapField = d.u8(at);
  const ssapField = d.u8(at + 1);
  let control = d.u8(at + 2);
  const isU = (control & U_FORMAT) === U_FORMAT;
  let header = 3;
  if (!isU) {
    if (captured < 4 || length < 4) {
      d.truncated();
      hexAndAscii(d, "\n\t", at, captured);
      return Math.min(captured, length);
    }
    control = d.u16le(at + 2);
    header = 4;
  }
  if (ssapField === GLOBAL && dsapField === GLOBAL) {
    // An IPX packet right behind the 802.3 header: its checksum field is always 0xffff.
    if (d.linkHeaders) d.text += "IPX 802.3: ";
    return (d.layers.ipx(d, at, length), 0);
  }
  const dsap = dsapField & ~1;
  const ssap = ssapField & ~1;
  if (d.linkHeaders) {
    d.text += `LLC, dsap ${SAPS.get(dsap) ?? "Unknown"} (0x${hex2(dsap)}) ${DSAP_GROUP.get(dsapField & 1) ?? ""}`;
    d.text += `, ssap ${SAPS.get(ssap) ?? "Unknown"} (0x${hex2(ssap)}) ${FLAGS.get(ssapField & 1) ?? ""}`;
    d.text += isU ? `, ctrl 0x${hex2(control)}: ` : `, ctrl 0x${hex4(control)}: `;
  }
  const payload = at + header;
  const payloadLength = length - header;
  const payloadCaptured = captured - header;
  if (ssap === SNAP && dsap === SNAP && control === UI) {
    if (!d.layers.snap(d, payload, payloadLength, payloadCaptured, source, destination, 2)) {
      return -(header + SNAP_LENGTH);
    }
    return header + SNAP_LENGTH;
  }
  if (ssap === STP && dsap === STP && control === UI) {
    d.layers.stp(d, payload, payloadLength);
    return header;
  }
  if (ssap === IP && dsap === IP && control === UI) {
    d.layers.ipv4(d, payload, payloadLength);
    return header;
  }
  if (ssap === IPX && dsap === IPX && control === UI) {
    if (d.linkHeaders) d.text += "IPX 802.2: ";
    d.layers.ipx(d, payload, payloadLength);
    return header;
  }
  if (ssap === OSI && dsap === OSI && control === UI) {
    d.layers.osi(d, payload, payloadLength);
    return header;
  }
  if (!d.linkHeaders) {
    if (ssap === dsap) {
      if (source === NO_ADDRESS || destination === NO_ADDRESS) {
        d.text += `${SAPS.get(dsap) ?? `Unknown DSAP 0x${hex2(dsap)}`} `;
      } else {
        d.text += `${d.mac(source)} > ${d.mac(destination)} ${SAPS.get(dsap) ?? `Unknown DSAP 0x${hex2(dsap)}`} `;
      }
    } else {
      const from = SAPS.get(ssap) ?? `Unknown SSAP 0x${hex2(ssap)}`;
      const to = SAPS.get(dsap) ?? `Unknown DSAP 0x${hex2(dsap)}`;
      if (source === NO_ADDRESS || destination === NO_ADDRESS) d.text += `${from} > ${to} `;
      else d.text += `${d.mac(source)} ${from} > ${d.mac(destination)} ${to} `;
    }
  }
  const flags = (ssapField & 1) | (isU ? control & POLL_BIT : control & 0x100);
  if (isU) {
    const command = COMMANDS.get(control & ~POLL_BIT) ?? hex2(control & ~POLL_BIT);
    d.text += `Unnumbered, ${command}, Flags [${FLAGS.get(flags) ?? "?"}], length ${payloadLength + header}`;
    if ((control & ~POLL_BIT) === XID) {
      if (payloadLength === 0) return -header;
      if (payloadCaptured < 1) {
        d.truncated();
        return payloadLength < 1 ? header : header + payloadCaptured;
      }
      if (d.u8(payload) === XID_IEEE) {
        if (payloadLength < 3 || payloadCaptured < 3) {
          d.truncated();
          return header + Math.min(payloadLength, payloadCaptured);
        }
        d.text += `: ${hex2(d.u8(payload + 1))} ${hex2(d.u8(payload + 2))}`;
        return header;
      }
    }
  } else if ((control & 3) === 1) {
    const kind = SUPERVISORY.get((control >>> 2) & 3) ?? "?";
    d.text += `Supervisory, ${kind}, rcv seq ${control >>> 9}, Flags [${FLAGS.get(flags) ?? "?"}], length ${payloadLength + header}`;
    return header;
  } else {
    d.text += `Information, send seq ${(control >>> 1) & 0x7f}, rcv seq ${control >>> 9}`;
    d.text += `, Flags [${FLAGS.get(flags) ?? "?"}], length ${payloadLength + header}`;
  }
  return -header;
}

const PIDS: Readonly<Record<number, NameTable>> = {
  [OUI_ETHERNET]: ETHERTYPES,
  [OUI_CISCO_BRIDGED]: ETHERTYPES,
  [OUI_APPLETALK]: ETHERTYPES,
  [OUI_CISCO]: CISCO_PIDS,
  [OUI_BRIDGED]: BRIDGED_PIDS,
};

function snapHeader(d: Dissector, oui: number, pid: number, length: number): void {
  const name = PIDS[oui]?.get(pid) ?? "Unknown";
  const kind = oui === OUI_ETHERNET ? "ethertype" : "pid";
  d.text += `oui ${OUI_NAMES.get(oui) ?? "Unknown"} (0x${hex6(oui)}), ${kind} ${name} (0x${hex4(pid)}), length ${length}: `;
}

/** See `Layers.snap`. */
export function snap(
  d: Dissector,
  start: number,
  total: number,
  captured: number,
  source: number,
  destination: number,
  bridgePad: number,
): boolean {
  d.protocol = "snap";
  if (captured < SNAP_LENGTH || total < SNAP_LENGTH) {
    d.truncated();
    return true;
  }
  const oui = d.u24(start);
  const pid = d.u16(start + 3);
  if (d.linkHeaders) snapHeader(d, oui, pid, total - SNAP_LENGTH);
  let at = start + SNAP_LENGTH;
  let length = total - SNAP_LENGTH;
  let seen = captured - SNAP_LENGTH;
  if (oui === OUI_ETHERNET || oui === OUI_CISCO_BRIDGED) {
    if (d.layers.ethertype(d, pid, at, length, seen, source, destination)) return true;
  } else if (oui === OUI_APPLETALK) {
    if (pid === 0x809b && d.layers.ethertype(d, pid, at, length, seen, source, destination)) return true;
  } else if (oui === OUI_CISCO) {
    const print = d.layers.cisco(pid);
    if (print !== undefined) {
      print(d, at, length);
      return true;
    }
  } else if (oui === OUI_BRIDGED) {
    if (BRIDGED_ETHERNET.has(pid)) {
      at += bridgePad;
      length -= bridgePad;
      seen -= bridgePad;
      d.layers.ethernet(d, at, length, seen);
      return true;
    }
    if (BRIDGED_FDDI.has(pid) || BRIDGED_TOKEN_RING.has(pid)) {
      const isFddi = BRIDGED_FDDI.has(pid);
      const pad = bridgePad + (isFddi ? 1 : 0);
      (isFddi ? fddi : tokenRing)(d, at + pad, length - pad, seen - pad);
      return true;
    }
    if (pid === BRIDGED_BPDU) {
      d.layers.stp(d, at, length);
      return true;
    }
  }
  if (!d.linkHeaders) {
    if (source !== NO_ADDRESS && destination !== NO_ADDRESS)
      d.text += `${d.mac(source)} > ${d.mac(destination)} `;
    const name = PIDS[oui]?.get(pid) ?? "Unknown";
    const organization = OUI_NAMES.get(oui) ?? "Unknown";
    if (oui === OUI_ETHERNET) {
      d.text += `SNAP, ethertype ${name} (0x${hex4(pid)}), length ${length}: `;
    } else
      d.text += `SNAP, oui ${organization} (0x${hex6(oui)}), pid ${name} (0x${hex4(pid)}), length ${length}: `;
  }
  return false;
}

const BRIDGED_ETHERNET: ReadonlySet<number> = new Set([0x0001, 0x0007]);
const BRIDGED_TOKEN_RING: ReadonlySet<number> = new Set([0x0003, 0x0009]);
const BRIDGED_FDDI: ReadonlySet<number> = new Set([0x0004, 0x000a]);
const BRIDGED_BPDU = 0x000e;
