// Multi-point control of Ethernet passive optical networks (IEEE 802.3 clause 64), and PAUSE (annex 31B), which shares its
// EtherType.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";

const [PAUSE, GATE, REPORT, REGISTER_REQUEST, REGISTER, REGISTER_ACK] = [1, 2, 3, 4, 5, 6] as const;

const OPCODES = new NameTable([
  [PAUSE, "Pause"],
  [GATE, "Gate"],
  [REPORT, "Report"],
  [REGISTER_REQUEST, "Register Request"],
  [REGISTER, "Register"],
  [REGISTER_ACK, "Register ACK"],
]);

const GRANT_COUNT = 7;
const GRANT_FLAGS = new NameTable([
  [0x08, "Discovery"],
  [0x10, "Force Grant #1"],
  [0x20, "Force Grant #2"],
  [0x40, "Force Grant #3"],
  [0x80, "Force Grant #4"],
]);
const QUEUES = new NameTable(Array.from({ length: 8 }, (_, queue) => [1 << queue, `Q${queue}`] as const));
const REQUEST_FLAGS = new NameTable([
  [1, "Register"],
  [3, "De-Register"],
]);
const REGISTER_FLAGS = new NameTable([
  [1, "Re-Register"],
  [2, "De-Register"],
  [3, "ACK"],
  [4, "NACK"],
]);
const ACK_FLAGS = new NameTable([
  [0, "NACK"],
  [1, "ACK"],
]);

function gate(d: Dissector, start: number): void {
  const grants = d.u8(start);
  const count = grants & GRANT_COUNT;
  d.text += `\n\tGrant Numbers ${count}, Flags [ ${GRANT_FLAGS.bits(grants & ~GRANT_COUNT, "?")} ]`;
  let at = start + 1;
  for (let grant = 1; grant <= count; grant++) {
    d.text += `\n\tGrant #${grant}, Start-Time ${d.u32(at)} ticks, duration ${d.u16(at + 4)} ticks`;
    at += 6;
  }
  d.text += `\n\tSync-Time ${d.u16(at)} ticks`;
}

function report(d: Dissector, start: number): void {
  const sets = d.u8(start);
  d.text += `\n\tTotal Queue-Sets ${sets}`;
  let at = start + 1;
  for (let set = 1; set < sets; set++) {
    const bitmap = d.u8(at);
    d.text += `\n\t  Queue-Set #${sets}, Report-Bitmap [ ${QUEUES.bits(bitmap, "Unknown")} ]`;
    at++;
    for (let queue = 1; bitmap >>> (queue - 1) !== 0; queue++) {
      if (((bitmap >>> (queue - 1)) & 1) === 0) continue;
      d.text += `\n\t    Q${queue} Report, Duration ${d.u16(at)} ticks`;
      at += 2;
    }
  }
}

export function multipointControl(d: Dissector, start: number, length: number): void {
  d.protocol = "mpcp";
  const opcode = d.u16(start);
  const timestamp = d.u32(start + 2);
  d.text += `MPCP, Opcode ${OPCODES.get(opcode) ?? `Unknown (${opcode})`}`;
  if (opcode !== PAUSE) d.text += `, Timestamp ${timestamp} ticks`;
  d.text += `, length ${length}`;
  if (d.verbose === 0) return;
  const at = start + 6;
  switch (opcode) {
    case PAUSE:
      break;
    case GATE:
      return gate(d, at);
    case REPORT:
      return report(d, at);
    case REGISTER_REQUEST:
      d.text += `\n\tFlags [ ${REQUEST_FLAGS.bits(d.u8(at), "Reserved")} ], Pending-Grants ${d.u8(at + 1)}`;
      break;
    case REGISTER: {
      const [port, flags] = [d.u16(at), REGISTER_FLAGS.bits(d.u8(at + 2), "Reserved")];
      d.check(at, 6);
      d.text += `\n\tAssigned-Port ${port}, Flags [ ${flags} ]`;
      d.text += `\n\tSync-Time ${d.u16(at + 3)} ticks, Echoed-Pending-Grants ${d.u8(at + 5)}`;
      break;
    }
    case REGISTER_ACK:
      d.check(at, 5);
      d.text += `\n\tEchoed-Assigned-Port ${d.u16(at + 1)}, Flags [ ${ACK_FLAGS.bits(d.u8(at), "Reserved")} ]`;
      d.text += `\n\tEchoed-Sync-Time ${d.u16(at + 3)} ticks`;
      break;
    default:
      unknownData(d, start, "\n\t", length);
  }
}
