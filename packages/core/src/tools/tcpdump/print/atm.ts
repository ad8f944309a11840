// ATM: LLC-encapsulated packets (RFC 2684) and SunATM's header in front of what an AAL5 PDU carries, with LAN emulation.

import type { Dissector } from "./dissector.ts";
import { oamCell } from "./atm-oam.ts";
import { defaultPrint } from "./ethernet.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex, hex6, hex8 } from "./numbers.ts";
import { snmp } from "./snmp.ts";

const UI = 0x03;
/** DSAP, SSAP and control of SNAP, OSI and IP. */
const LLC_HEADERS: ReadonlySet<number> = new Set([0xaaaa03, 0xfefe03, 0x060603]);
/** Header of IEEE 802.6 that the Fore driver puts in front. */
const MAC_8026_LENGTH = 20;
const SUNATM_LENGTH = 4;
const [LANE, CONTROL_FRAME] = [0x01, 0xff00] as const;
const LANE_HEADER = 2;
const LANE_CONTROL_LENGTH = 6;

const Q2931 = 0x09;
const [PROTOCOL_AT, CALL_REFERENCE_AT, MESSAGE_AT] = [0, 2, 5] as const;
const SIGNALS = new NameTable([
  [0x02, "Call_proceeding"],
  [0x07, "Connect"],
  [0x0f, "Connect_ack"],
  [0x05, "Setup"],
  [0x4d, "Release"],
  [0x5a, "Release_complete"],
  [0x46, "Restart"],
  [0x4e, "Restart_ack"],
  [0x7d, "Status"],
  [0x75, "Status_enquiry"],
  [0x80, "Add_party"],
  [0x81, "Add_party_ack"],
  [0x82, "Add_party_reject"],
  [0x83, "Drop_party"],
  [0x84, "Drop_party_ack"],
]);

/** Opcodes of LAN emulation's control frames. */
const LANE_OPCODES = new NameTable([
  [0x0001, "configure request"],
  [0x0101, "configure response"],
  [0x0002, "join request"],
  [0x0102, "join response"],
  [0x0003, "ready query"],
  [0x0103, "ready indication"],
  [0x0004, "register request"],
  [0x0104, "register response"],
  [0x0005, "unregister request"],
  [0x0105, "unregister response"],
  [0x0006, "ARP request"],
  [0x0106, "ARP response"],
  [0x0008, "NARP request"],
  [0x0009, "topology request"],
  [0x0007, "flush request"],
  [0x0107, "flush response"],
]);

export function atmLlc(d: Dissector, at: number, length: number, captured: number): number {
  const header = d.layers.llc(d, at, length, captured, NO_ADDRESS, NO_ADDRESS);
  if (header >= 0) return header;
  defaultPrint(d, at, captured);
  return -header;
}

/** DLT_ATM_RFC1483 */
export function atmLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "atm";
  if (d.u8(at) === UI) {
    if (d.linkHeaders) d.text += "CNLPID ";
    d.layers.osi(d, at + 1, length - 1);
    return 1;
  }
  if (LLC_HEADERS.has(d.u24(at))) return atmLlc(d, at, length, captured);
  if (d.linkHeaders) {
    d.text += `${hex8(d.u32(at))}${hex8(d.u32(at + 4))} ${hex8(d.u32(at + 8))}${hex8(d.u32(at + 12))} `;
  }
  d.check(at, MAC_8026_LENGTH);
  const rest = atmLlc(d, at + MAC_8026_LENGTH, length - MAC_8026_LENGTH, captured - MAC_8026_LENGTH);
  return MAC_8026_LENGTH + rest;
}

function signalling(d: Dissector, at: number): void {
  const protocol = d.u8(at + PROTOCOL_AT);
  if (protocol === Q2931) {
    d.text += "Q.2931";
    const message = d.u8(at + MESSAGE_AT);
    d.text += `:${SIGNALS.get(message) ?? `msgtype#${message}`} `;
    d.text += `CALL_REF:0x${hex6(d.u24(at + CALL_REFERENCE_AT))}`;
  } else d.text += `SSCOP, proto ${protocol} `;
}

function lane(d: Dissector, at: number, length: number, captured: number): void {
  d.protocol = "lane";
  const client = d.u16(at);
  if (client === CONTROL_FRAME) {
    d.check(at, LANE_CONTROL_LENGTH);
    const opcode = d.u16(at + 4);
    d.text += `lec: proto ${hex(d.u8(at + 2))} vers ${hex(d.u8(at + 3))} ${LANE_OPCODES.get(opcode) ?? `opcode-#${opcode}`}`;
    return;
  }
  d.layers.ethernet(d, at + LANE_HEADER, length - LANE_HEADER, captured - LANE_HEADER, () =>
    d.print(`lecid:${hex(client)} `),
  );
}

function pdu(
  d: Dissector,
  kind: number,
  vpi: number,
  vci: number,
  at: number,
  length: number,
  captured: number,
): void {
  d.protocol = "atm";
  if (d.linkHeaders) d.text += `VPI:${vpi} VCI:${vci} `;
  if (vpi === 0) {
    if (vci === 5) return signalling(d, at);
    if (vci === 2) return d.print("broadcast sig: ");
    if (vci === 3 || vci === 4) return oamCell(d, at, length, 1);
    if (vci === 1) return d.print("meta: ");
    if (vci === 16) {
      d.text += "ilmi: ";
      return snmp(d, at, length);
    }
  }
  if (kind === LANE) lane(d, at, length, captured);
  else atmLlc(d, at, length, captured);
}

/** DLT_SUNATM */
export function sunAtm(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "sunatm";
  if (d.linkHeaders) d.text += (d.u8(at) & 0x80) === 0 ? "Rx: " : "Tx: ";
  d.check(at, SUNATM_LENGTH);
  const [kind, vpi, vci] = [d.u8(at) & 15, d.u8(at + 1), d.u16(at + 2)];
  pdu(d, kind, vpi, vci, at + SUNATM_LENGTH, length - SUNATM_LENGTH, captured - SUNATM_LENGTH);
  return SUNATM_LENGTH;
}
