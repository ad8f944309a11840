// Cisco's Interior Gateway Routing Protocol.

import type { Dissector } from "./dissector.ts";
import { hex4 } from "./numbers.ts";

const [HEADER_LENGTH, ENTRY_LENGTH] = [12, 14] as const;
const OPERATIONS: Readonly<Record<number, string>> = { 1: "update", 2: "request" };
/** Kilobits per second that a bandwidth of 1 stands for. */
const SCALE = 10_000_000;

function entry(d: Dissector, at: number): void {
  const [delay, bandwidth] = [d.u24(at + 3), d.u24(at + 6)];
  const metric = Math.min(bandwidth + delay, 0xff_ffff);
  const [reliability, load, hops] = [d.u8(at + 11), d.u8(at + 12), d.u8(at + 13)];
  d.text += ` d=${10 * delay} b=${bandwidth === 0 ? 0 : Math.floor(SCALE / bandwidth)} r=${reliability}`;
  d.text += ` l=${load} M=${metric} mtu=${d.u16(at + 9)} in ${hops} hops`;
}

export function igrp(d: Dissector, start: number, total: number): void {
  d.protocol = "igrp";
  d.text += "igrp:";
  const counts = [d.u16(start + 4), d.u16(start + 6), d.u16(start + 8)];
  const first = d.u8(start);
  const operation = first & 15;
  d.text += ` ${OPERATIONS[operation] ?? `op-#${operation}`} V${first >>> 4} edit=${d.u8(start + 1)}`;
  d.text += ` AS=${d.u16(start + 2)} (${counts.join("/")})`;
  const sum = d.u16(start + 10);
  if (d.verbose > 0) d.text += ` checksum=0x${hex4(sum)}`;
  let at = start + HEADER_LENGTH;
  let left = total - HEADER_LENGTH;
  for (; left >= ENTRY_LENGTH; at += ENTRY_LENGTH, left -= ENTRY_LENGTH) {
    const network = `${d.u8(at)}.${d.u8(at + 1)}.${d.u8(at + 2)}`;
    const kind = counts.findIndex((count) => count > 0);
    if (kind < 0) {
      d.text += ` [extra bytes ${left}]`;
      break;
    }
    counts[kind] = (counts[kind] ?? 0) - 1;
    d.text += kind === 0 ? ` *.${network}` : kind === 1 ? ` ${network}.0` : ` X${network}.0`;
    entry(d, at);
  }
  if (counts.some((count) => count > 0) || left !== 0) d.invalid();
}
