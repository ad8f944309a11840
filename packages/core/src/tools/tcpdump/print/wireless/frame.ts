// Frames of IEEE 802.11 (section 9.2), and the headers that drivers put in front of them: Prism's and AVS's. Radiotap is in
// radiotap.ts, the bodies of management frames in management.ts.

import type { Dissector } from "../dissector.ts";
import { hex } from "../numbers.ts";
import { llcPayload } from "../ethernet.ts";
import { managementBody, managementName } from "./management.ts";

const [MANAGEMENT, CONTROL, DATA] = [0, 1, 2] as const;
const [TO_DS, FROM_DS, MORE_FRAGMENTS, RETRY, POWER, MORE_DATA, PROTECTED, ORDER] = [
  0x0100, 0x0200, 0x0400, 0x0800, 0x1000, 0x2000, 0x4000, 0x8000,
] as const;
/** Of the subtype of data frames. */
const [CF_ACK, CF_POLL, NO_DATA, QOS] = [1, 2, 4, 8] as const;
const [WRAPPER, BLOCK_ACK_REQUEST, BLOCK_ACK, PS_POLL, RTS, CTS, ACK, CF_END, CF_END_ACK] = [
  7, 8, 9, 10, 11, 12, 13, 14, 15,
] as const;

interface ControlKind {
  readonly name: string;
  readonly length: number;
}
const CONTROLS: Readonly<Record<number, ControlKind>> = {
  [WRAPPER]: { name: "Control Wrapper", length: 16 },
  [BLOCK_ACK_REQUEST]: { name: "BAR", length: 20 },
  [BLOCK_ACK]: { name: "BA", length: 10 },
  [PS_POLL]: { name: "Power Save-Poll", length: 16 },
  [RTS]: { name: "Request-To-Send", length: 16 },
  [CTS]: { name: "Clear-To-Send", length: 10 },
  [ACK]: { name: "Acknowledgment", length: 10 },
  [CF_END]: { name: "CF-End", length: 16 },
  [CF_END_ACK]: { name: "CF-End+CF-Ack", length: 16 },
};
const [FIRST, SECOND, THIRD, FOURTH] = [4, 10, 16, 24] as const;
const MANAGEMENT_LENGTH = 24;

/** Frame control, taken apart. */
class Control {
  readonly bits: number;
  readonly type: number;
  readonly subtype: number;

  constructor(bits: number) {
    this.bits = bits;
    this.type = (bits >>> 2) & 3;
    this.subtype = (bits >>> 4) & 15;
  }

  has(bit: number): boolean {
    return (this.bits & bit) !== 0;
  }

  get qos(): boolean {
    return this.type === DATA && (this.subtype & QOS) !== 0;
  }
}

/** Length of the MAC header; undefined if the frame is of no known kind, which is said. */
function headerLength(d: Dissector, control: Control): number | undefined {
  if (control.type === MANAGEMENT) return MANAGEMENT_LENGTH;
  if (control.type === DATA) {
    return (control.has(TO_DS) && control.has(FROM_DS) ? 30 : 24) + (control.qos ? 2 : 0);
  }
  if (control.type === CONTROL) {
    const length = CONTROLS[control.subtype]?.length;
    if (length === undefined) d.text += `unknown 802.11 ctrl frame subtype (${control.subtype})`;
    return length;
  }
  d.text += `unknown 802.11 frame type (${control.type})`;
  return undefined;
}

const FLAGS = [
  [MORE_DATA, "More Data "],
  [MORE_FRAGMENTS, "More Fragments "],
  [POWER, "Pwr Mgmt "],
  [RETRY, "Retry "],
  [ORDER, "Strictly Ordered "],
  [PROTECTED, "Protected "],
] as const;

/** "BA:... " for addresses at these offsets. */
function addresses(d: Dissector, at: number, ...named: readonly (readonly [string, number])[]): string {
  return named.map(([name, offset]) => `${name}:${d.mac(at + offset)} `).join("");
}

function blockAckRequest(d: Dissector, at: number): string {
  return ` ${addresses(d, at, ["RA", FIRST], ["TA", SECOND])}CTL(${hex(d.u16le(at + 16))}) SEQ(${d.u16le(at + 18)}) `;
}

function controlHeader(d: Dissector, { subtype }: Control, at: number): void {
  if (subtype === BLOCK_ACK_REQUEST) d.text += blockAckRequest(d, at);
  else if (subtype === PS_POLL) d.text += addresses(d, at, ["BSSID", FIRST], ["TA", SECOND]);
  else if (subtype === RTS) d.text += addresses(d, at, ["RA", FIRST], ["TA", SECOND]);
  else if (subtype === CF_END || subtype === CF_END_ACK)
    d.text += addresses(d, at, ["RA", FIRST], ["BSSID", SECOND]);
  else if (subtype !== WRAPPER) d.text += addresses(d, at, ["RA", FIRST]);
}

function dataHeader(d: Dissector, control: Control, at: number): void {
  const { subtype } = control;
  if ((subtype & (CF_ACK | CF_POLL | QOS)) !== 0) {
    d.text += "CF ";
    if ((subtype & CF_ACK) !== 0) d.text += (subtype & CF_POLL) === 0 ? "Ack" : "Ack/Poll";
    else if ((subtype & CF_POLL) !== 0) d.text += "Poll";
    if (control.qos) d.text += "+QoS";
    d.text += " ";
  }
  const [to, from] = [control.has(TO_DS), control.has(FROM_DS)];
  if (!to && !from) d.text += addresses(d, at, ["DA", FIRST], ["SA", SECOND], ["BSSID", THIRD]);
  else if (!to) d.text += addresses(d, at, ["DA", FIRST], ["BSSID", SECOND], ["SA", THIRD]);
  else if (!from) d.text += addresses(d, at, ["BSSID", FIRST], ["SA", SECOND], ["DA", THIRD]);
  else d.text += addresses(d, at, ["RA", FIRST], ["TA", SECOND], ["DA", THIRD], ["SA", FOURTH]);
}

/** The mesh header of the draft, with -H. */
function meshHeader(d: Dissector, at: number): void {
  const extension = d.u8(at) & 3;
  d.text += `MeshData (AE ${extension} TTL ${d.u8(at + 1)} seq ${d.u32le(at + 2)}`;
  for (let index = 0; index < extension; index++) d.text += ` A${4 + index}:${d.mac(at + 6 + 6 * index)}`;
  d.text += ") ";
}

function header(d: Dissector, control: Control, at: number, mesh: number | undefined): void {
  if (d.verbose > 0) {
    for (const [bit, name] of FLAGS) if (control.has(bit)) d.text += name;
    if (control.type !== CONTROL || control.subtype !== PS_POLL) d.text += `${d.u16le(at + 2)}us `;
  }
  if (mesh !== undefined) meshHeader(d, mesh);
  if (control.type === MANAGEMENT)
    d.text += addresses(d, at, ["BSSID", THIRD], ["DA", FIRST], ["SA", SECOND]);
  else if (control.type === CONTROL) controlHeader(d, control, at);
  else dataHeader(d, control, at);
}

function controlBody(d: Dissector, { subtype }: Control, at: number): void {
  d.text += CONTROLS[subtype]?.name ?? "";
  if (subtype === PS_POLL) d.text += ` AID(${hex(d.u16le(at + 2))})`;
  if (d.linkHeaders || subtype === WRAPPER || subtype === PS_POLL) return;
  if (subtype === BLOCK_ACK_REQUEST) d.text += blockAckRequest(d, at);
  else if (subtype === RTS) d.text += ` ${addresses(d, at, ["TA", SECOND])}`;
  else d.text += ` ${addresses(d, at, ["RA", FIRST])}`;
}

/** The initialization vector of an encrypted body. False if it is cut off. */
function encrypted(d: Dissector, at: number): boolean {
  if (!d.has(at, 4)) return false;
  const vector = d.u32le(at);
  d.text += ` IV:${hex(vector & 0xff_ffff).padStart(3)} Pad ${hex((vector >>> 24) & 0x3f)} KeyID ${vector >>> 30}`;
  return true;
}

/** Source and destination of a data frame. */
function endpoints(control: Control, at: number): readonly [number, number] {
  const [to, from] = [control.has(TO_DS), control.has(FROM_DS)];
  if (!to) return from ? [at + THIRD, at + FIRST] : [at + SECOND, at + FIRST];
  return [at + (from ? FOURTH : SECOND), at + THIRD];
}

/** `padded`: the header is padded to whole words. `checkLength`: bytes of the frame check at the end. */
export function wireless(
  d: Dissector,
  start: number,
  total: number,
  totalCaptured: number,
  padded = false,
  checkLength = 0,
): number {
  d.protocol = "802.11";
  const { end } = d;
  if (total < checkLength) {
    d.truncated();
    return totalCaptured;
  }
  const whole = total - checkLength;
  const seen = Math.min(totalCaptured, whole);
  d.end -= totalCaptured - seen;
  const size = frame(d, start, whole, seen, padded);
  d.end = end;
  return size ?? totalCaptured;
}

/** undefined: all of it was too short. */
function frame(
  d: Dissector,
  start: number,
  total: number,
  captured: number,
  padded: boolean,
): number | undefined {
  if (captured < 2) {
    d.truncated();
    return undefined;
  }
  const control = new Control(d.u16le(start));
  let size = headerLength(d, control);
  if (size === undefined) return 0;
  if (padded) size = (size + 3) & ~3;
  let mesh: number | undefined;
  if (d.options.mesh && control.qos) {
    if (captured < size + 1) {
      d.truncated();
      return size;
    }
    const flags = d.u8(start + size);
    if ((flags & ~3) === 0) {
      mesh = start + size;
      size += 6 * (1 + (flags & 3));
    }
  }
  if (captured < size) {
    d.truncated();
    return size;
  }
  if (d.linkHeaders) header(d, control, start, mesh);
  const at = start + size;
  const [length, seen] = [total - size, captured - size];
  if (control.type === CONTROL) controlBody(d, control, start);
  else if (control.type === MANAGEMENT) {
    d.text += managementName(control.subtype);
    const complete = control.has(PROTECTED)
      ? encrypted(d, at)
      : managementBody(d, control.subtype, start + SECOND, at, length);
    if (!complete) d.truncated();
  } else if ((control.subtype & NO_DATA) === 0) {
    if (control.has(PROTECTED)) {
      d.text += "Data";
      if (!encrypted(d, at)) d.truncated();
    } else {
      const [source, destination] = endpoints(control, start);
      size += llcPayload(d, at, length, seen, source, destination);
    }
  }
  return size;
}

/** DLT_IEEE802_11 */
export function wirelessLink(d: Dissector, at: number, length: number, captured: number): number {
  return wireless(d, at, length, captured);
}

const AVS_MINIMUM = 8;

/** DLT_IEEE802_11_RADIO_AVS: a header that tells its length. */
export function avsLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "802.11_radio_avs";
  if (captured < AVS_MINIMUM) {
    d.truncated();
    return captured;
  }
  const size = d.u32(at + 4);
  if (size < AVS_MINIMUM || captured < size) {
    d.truncated();
    return captured;
  }
  return size + wireless(d, at + size, length - size, captured - size);
}

const PRISM_LENGTH = 144;
const AVS_COOKIES: ReadonlySet<number> = new Set([0x8021_1001, 0x8021_1002]);

/** DLT_PRISM_HEADER, or an AVS header that came under its name. */
export function prismLink(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "prism";
  if (captured < 4) {
    d.truncated();
    return captured;
  }
  if (AVS_COOKIES.has(d.u32(at))) return avsLink(d, at, length, captured);
  if (captured < PRISM_LENGTH) {
    d.truncated();
    return captured;
  }
  return PRISM_LENGTH + wireless(d, at + PRISM_LENGTH, length - PRISM_LENGTH, captured - PRISM_LENGTH);
}
