// Spanning tree BPDUs: IEEE 802.1D (STP), 802.1w (RSTP), 802.1s (MSTP) and 802.1aq (SPB).

import type { Dissector } from "./dissector.ts";
import { decimal, hex2, hex4, hex8 } from "./numbers.ts";
import { BPDU_TYPES, FLAGS, PORT_ROLES, VERSIONS } from "./stp-names.ts";

const [CONFIGURATION, RAPID, TOPOLOGY_CHANGE] = [0x00, 0x02, 0x80] as const;
const [STP, RSTP, MSTP, SPB] = [0, 2, 3, 4] as const;
const CONFIGURATION_LENGTH = 35;
const RSTP_LENGTH = 36;
const MST_LENGTH = 102;
const MST_INSTANCE_LENGTH = 16;
/** Length of the MST part up to the instances. */
const MST_FIXED = 64;
const SPB_LENGTH = 87;
const SECOND = 256; // units of the timers

function bridgeId(d: Dissector, at: number): string {
  return `${hex2(d.u8(at))}${hex2(d.u8(at + 1))}.${d.hexBytes(at + 2, 6, ":")}`;
}

function time(d: Dissector, at: number): string {
  return `${decimal(d.u16(at) / SECOND, 2)}s`;
}

function timers(d: Dissector, at: number): string {
  return (
    `\n\tmessage-age ${time(d, at + 27)}, max-age ${time(d, at + 29)}` +
    `, hello-time ${time(d, at + 31)}, forwarding-delay ${time(d, at + 33)}`
  );
}

function role(flags: number): string {
  return PORT_ROLES.get((flags >>> 2) & 3) ?? "Unknown";
}

/** A configuration BPDU, or that of RSTP. */
function configuration(d: Dissector, at: number, length: number): void {
  const flags = d.u8(at + 4);
  d.text += `, Flags [${FLAGS.bits(flags, "none")}]`;
  d.text += `, bridge-id ${bridgeId(d, at + 17)}.${hex4(d.u16(at + 25))}, length ${length}`;
  if (d.verbose === 0) return;
  d.text += timers(d, at);
  d.text += `\n\troot-id ${bridgeId(d, at + 5)}, root-pathcost ${d.u32(at + 13)}`;
  if (d.u8(at + 2) === RSTP) d.text += `, port-role ${role(flags)}`;
}

function mstp(d: Dissector, at: number, length: number): void {
  const flags = d.u8(at + 4);
  d.text += `, CIST Flags [${FLAGS.bits(flags, "none")}], length ${length}`;
  if (d.verbose === 0) return;
  d.text += `\n\tport-role ${role(flags)}, CIST root-id ${bridgeId(d, at + 5)}`;
  d.text += `, CIST ext-pathcost ${d.u32(at + 13)}`;
  d.text += `\n\tCIST regional-root-id ${bridgeId(d, at + 17)}, CIST port-id ${hex4(d.u16(at + 25))},`;
  d.text += timers(d, at);
  const version3 = d.u16(at + 36);
  d.text += `\n\tv3len ${version3}, `;
  d.text += "MCID Name ";
  d.terminatedCharacters(at + 39, 32, d.end);
  d.check(at + 71, 18);
  d.text += `, rev ${d.u16(at + 71)},\n\t\tdigest ${digest(d, at + 73, 4)}, `;
  d.text += `CIST int-root-pathcost ${d.u32(at + 89)},`;
  d.text += `\n\tCIST bridge-id ${bridgeId(d, at + 93)}, CIST remaining-hops ${d.u8(at + 101)}`;
  instances(d, at, version3);
}

function digest(d: Dissector, at: number, words: number): string {
  let text = "";
  for (let word = 0; word < words; word++) text += hex8(d.u32(at + 4 * word));
  return text;
}

function instances(d: Dissector, start: number, version3: number): void {
  let at = start + MST_LENGTH;
  let left = version3 - MST_FIXED;
  for (; left >= MST_INSTANCE_LENGTH; left -= MST_INSTANCE_LENGTH, at += MST_INSTANCE_LENGTH) {
    const flags = d.u8(at);
    d.text += `\n\tMSTI ${d.u16(at + 1) & 0xfff}, Flags [${FLAGS.bits(flags, "none")}], port-role ${role(flags)}`;
    d.text += `\n\t\tMSTI regional-root-id ${bridgeId(d, at + 1)}, pathcost ${d.u32(at + 9)}`;
    d.text += `\n\t\tMSTI bridge-prio ${d.u8(at + 13) >>> 4}, port-prio ${d.u8(at + 14) >>> 4}, hops ${d.u8(at + 15)}`;
  }
}

function spb(d: Dissector, at: number): void {
  d.text += `\n\tv4len ${d.u16(at)}, AUXMCID Name `;
  d.terminatedCharacters(at + 3, 32, d.end);
  d.text += `, Rev ${d.u16(at + 35)},\n\t\tdigest ${digest(d, at + 37, 4)}`;
  const agreement = d.u8(at + 53);
  d.text += `\n\tAgreement num ${agreement >>> 6}, Discarded Agreement num ${(agreement >>> 4) & 3}`;
  d.text += `, Agreement valid-flag ${(agreement >>> 3) & 1}, `;
  d.text += `\n\tRestricted role-flag: ${(agreement >>> 2) & 1}, Format id ${d.u8(at + 55) >>> 4} cap ${d.u8(at + 55) & 15}`;
  d.text += `, Convention id ${d.u16(at + 56)} cap ${d.u16(at + 58)}, `;
  d.text += `\n\tEdge count ${d.u16(at + 62)}, Agreement digest ${digest(d, at + 66, 5)}\n`;
}

export function stp(d: Dissector, at: number, length: number): void {
  d.protocol = "stp";
  if (length < 4) {
    d.invalid();
    return;
  }
  const protocol = d.u16(at);
  if (protocol !== 0) {
    d.text += `unknown STP version, length ${length}`;
    return;
  }
  const version = d.u8(at + 2);
  d.text += `STP ${VERSIONS.get(version) ?? `Unknown STP protocol (0x${hex2(version)})`}`;
  if (version !== STP && version !== RSTP && version !== MSTP && version !== SPB) return;
  const type = d.u8(at + 3);
  d.text += `, ${BPDU_TYPES.get(type) ?? `Unknown BPDU Type (0x${hex2(type)})`}`;
  if (type === CONFIGURATION) {
    if (length < CONFIGURATION_LENGTH) return d.invalid();
    configuration(d, at, length);
  } else if (type === RAPID) {
    if (version === RSTP) {
      if (length < RSTP_LENGTH) return d.invalid();
      configuration(d, at, length);
    } else if (version === MSTP || version === SPB) {
      if (length < MST_LENGTH || d.u8(at + 35) !== 0) return d.invalid();
      const place = RSTP_LENGTH + 2 + d.u16(at + 36);
      if (length < place) return d.invalid();
      mstp(d, at, length);
      if (version !== SPB) return;
      const spbLength = d.u16(at + place) + 2;
      if (length < place + spbLength || spbLength < SPB_LENGTH) return d.invalid();
      if (d.verbose > 0) spb(d, at + place);
    }
  } else if (type === TOPOLOGY_CHANGE) {
    // No more than its type.
  }
}
