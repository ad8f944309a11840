// IS-IS (ISO 10589): the headers of its PDUs. What follows them are TLVs, in isis-tlvs.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex2, hex4, hex8 } from "../numbers.ts";
import { isisId } from "./address.ts";
import { checksumText } from "./checksum.ts";
import { CIRCUITS, PDUS, SYSTEM_TYPES } from "./isis-names.ts";
import { tlvs } from "./isis-tlvs.ts";

const COMMON_LENGTH = 8;
const VERSION = 1;
const SYSTEM_ID_LENGTH = 6;

/** What the header of a kind of PDU is like. `brief` and `full` print it behind the common header at `at`. */
interface Kind {
  readonly length: number;
  /** Offset of the PDU's length field behind the common header. */
  readonly lengthField: number;
  readonly brief: (d: Dissector, at: number) => string;
  readonly full: (d: Dissector, at: number, pduLength: number, length: number) => void;
}

function circuit(d: Dissector, at: number): string {
  const type = d.u8(at);
  return CIRCUITS.get(type) ?? `unknown circuit type 0x${hex2(type)}`;
}

const lanHello: Kind = {
  length: 19,
  lengthField: 9,
  brief: (d, at) =>
    `, src-id ${isisId(d, at + 1, 6)}, lan-id ${isisId(d, at + 12, 7)}, prio ${d.u8(at + 11)}`,
  full: (d, at, pduLength) => {
    d.text += `\n\t  source-id: ${isisId(d, at + 1, 6)},  holding time: ${d.u16(at + 7)}s, Flags: [${circuit(d, at)}]`;
    d.text += `\n\t  lan-id:    ${isisId(d, at + 12, 7)}, Priority: ${d.u8(at + 11) & 0x7f}, PDU length: ${pduLength}`;
  },
};

const pointToPointHello: Kind = {
  length: 12,
  lengthField: 9,
  brief: (d, at) => `, src-id ${isisId(d, at + 1, 6)}`,
  full: (d, at, pduLength) => {
    d.text += `\n\t  source-id: ${isisId(d, at + 1, 6)}, holding time: ${d.u16(at + 7)}s, Flags: [${circuit(d, at)}]`;
    d.text += `\n\t  circuit-id: 0x${hex2(d.u8(at + 11))}, PDU length: ${pduLength}`;
  },
};

function seconds(value: number): string {
  return `${String(value).padStart(5)}s`;
}

const linkState: Kind = {
  length: 19,
  lengthField: 0,
  brief: (d, at) =>
    `, lsp-id ${isisId(d, at + 4, 8)}, seq 0x${hex8(d.u32(at + 12))}, lifetime ${seconds(d.u16(at + 2))}`,
  full: (d, at, pduLength, length) => {
    const sum = d.u16(at + 16);
    d.text += `\n\t  lsp-id: ${isisId(d, at + 4, 8)}, seq: 0x${hex8(d.u32(at + 12))}, lifetime: ${seconds(d.u16(at + 2))}`;
    d.text += `\n\t  chksum: 0x${hex4(sum)}`;
    checksumText(d, at + 4, sum, 12, length - 12);
    const block = d.u8(at + 18);
    d.text += `, PDU length: ${pduLength}, Flags: [ ${(block & 0x04) === 0 ? "" : "Overload bit set, "}`;
    if ((block & 0x78) !== 0) {
      if ((block & 0x08) !== 0) d.text += "default ";
      if ((block & 0x10) !== 0) d.text += "delay ";
      if ((block & 0x20) !== 0) d.text += "expense ";
      if ((block & 0x40) !== 0) d.text += "error ";
      d.text += "ATT bit set, ";
    }
    if ((block & 0x80) !== 0) d.text += "P bit set, ";
    d.text += `${SYSTEM_TYPES.get(block & 3) ?? ""} ]`;
  },
};

const completeSequence: Kind = {
  length: 25,
  lengthField: 0,
  brief: (d, at) => `, src-id ${isisId(d, at + 2, 7)}`,
  full: (d, at, pduLength) => {
    d.text += `\n\t  source-id:    ${isisId(d, at + 2, 7)}, PDU length: ${pduLength}`;
    d.text += `\n\t  start lsp-id: ${isisId(d, at + 9, 8)}\n\t  end lsp-id:   ${isisId(d, at + 17, 8)}`;
  },
};

const partialSequence: Kind = {
  length: 9,
  lengthField: 0,
  brief: (d, at) => `, src-id ${isisId(d, at + 2, 7)}`,
  full: (d, at, pduLength) => {
    d.text += `\n\t  source-id:    ${isisId(d, at + 2, 7)}, PDU length: ${pduLength}`;
  },
};

const KINDS: ReadonlyMap<number, Kind> = new Map([
  [15, lanHello],
  [16, lanHello],
  [17, pointToPointHello],
  [18, linkState],
  [20, linkState],
  [24, completeSequence],
  [25, completeSequence],
  [26, partialSequence],
  [27, partialSequence],
]);

/** What is wrong with the common header; undefined if nothing is. */
function fault(d: Dissector, at: number, length: number): string | undefined {
  const version = d.u8(at + 2);
  if (version !== VERSION) return `version ${version} packet not supported`;
  const idLength = d.u8(at + 3);
  if (idLength !== SYSTEM_ID_LENGTH && idLength !== 0)
    return `system ID length of ${idLength} is not supported`;
  const pduVersion = d.u8(at + 5);
  if (pduVersion !== VERSION) return `version ${pduVersion} packet not supported`;
  const fixed = d.u8(at + 1);
  if (length < fixed) return `fixed header length ${fixed} > packet length ${length}`;
  if (fixed < COMMON_LENGTH) return `fixed header length ${fixed} < minimum header size ${COMMON_LENGTH}`;
  return d.u8(at + 7) === 255 ? "bad packet -- 255 areas" : undefined;
}

/** False if the whole is to be shown as hex. */
export function isis(d: Dissector, start: number, total: number): boolean {
  let shown = true;
  d.untilCut(() => (shown = pdu(d, start, total)));
  return shown;
}

function pdu(d: Dissector, start: number, total: number): boolean {
  d.protocol = "isis";
  d.need(start, COMMON_LENGTH);
  if (total < COMMON_LENGTH) d.cutOff();
  if (!d.linkHeaders) d.text += "IS-IS";
  const wrong = fault(d, start, total);
  if (wrong !== undefined) {
    d.text += wrong;
    return false;
  }
  const comma = d.linkHeaders ? "" : ", ";
  const fixed = d.u8(start + 1);
  const type = d.u8(start + 4);
  const at = start + COMMON_LENGTH;
  if (d.verbose === 0) d.text += `${comma}${PDUS.get(type) ?? `unknown PDU-Type ${type}`}`;
  else {
    const areas = d.u8(start + 7);
    d.text += `${comma}length ${total}\n\t${PDUS.get(type) ?? `unknown, type ${type}`}, hlen: ${fixed}, v: ${VERSION}, pdu-v: ${VERSION}`;
    d.text += `, sys-id-len: ${SYSTEM_ID_LENGTH} (${d.u8(start + 3)}), max-area: ${areas === 0 ? 3 : areas} (${areas})`;
    if (d.verbose > 1) unknownData(d, start, "\n\t", COMMON_LENGTH);
  }
  const kind = KINDS.get(type);
  if (kind === undefined) {
    if (d.verbose === 0) {
      d.text += `, length ${total}`;
      return true;
    }
    unknownData(d, at, "\n\t  ", total);
    return false;
  }
  if (fixed !== COMMON_LENGTH + kind.length) {
    // An LSP's own header is named without the common one.
    const right = kind === linkState ? kind.length : COMMON_LENGTH + kind.length;
    d.text += `${kind === partialSequence ? "-" : ","} bogus fixed header length ${fixed} should be ${right}`;
    return false;
  }
  d.need(at, kind.length);
  if (total < fixed) d.cutOff();
  if (d.verbose === 0) {
    d.text += `${kind.brief(d, at)}, length ${total}`;
    return true;
  }
  const pduLength = d.u16(at + kind.lengthField);
  const length = Math.min(total, pduLength);
  kind.full(d, at, pduLength, length);
  if (d.verbose > 1) unknownData(d, at, "\n\t  ", kind.length);
  if (length < fixed) {
    d.text += ` [packet length ${length} < ${fixed}]`;
    d.invalid();
    return true;
  }
  tlvs(d, at + kind.length, length - fixed, { start, length });
  return true;
}
