// What tc(8) prints of HTB and its classes (iproute2's q_htb.c).

import { htbClassStatistics, htbOptions } from "../../netlink/rtnl/qdisc-htb.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Session } from "../ip/session.ts";
import { rateText, sizeOf, sizeText } from "./sizes.ts";

type Output = Session["out"];

export function printHtb(out: Output, bytes: Uint8Array, details: boolean): void {
  const found = htbOptions.decode(bytes);
  if (isMalformed(found)) return;
  const { parameters, init, directQueueLength } = found;
  if (parameters) {
    const { rate, ceil, level } = parameters;
    if (level === 0) {
      out.fact("prio", parameters.priority, `prio ${parameters.priority} `);
      if (details) out.fact("quantum", parameters.quantum, `quantum ${parameters.quantum} `);
    }
    const burst = sizeText(sizeOf(rate.rate, parameters.buffer));
    const ceilBurst = sizeText(sizeOf(ceil.rate, parameters.cbuffer));
    out.text(`rate ${rateText(rate.rate)} ceil ${rateText(ceil.rate)} `);
    if (details) {
      const mpu = sizeText(rate.mpu);
      const ceilMpu = sizeText(ceil.mpu);
      out.text(
        `linklayer ethernet burst ${burst}/1 mpu ${mpu} cburst ${ceilBurst}/1 mpu ${ceilMpu} level ${level} `,
      );
    } else out.text(`burst ${burst} cburst ${ceilBurst} `);
  }
  if (init) {
    out.fact("r2q", init.rateToQuantum, `r2q ${init.rateToQuantum}`);
    const standard = `0x${init.defaultClass.toString(16)}`;
    out.fact("default", standard, ` default ${standard}`);
    out.fact("direct_packets_stat", init.directPackets, ` direct_packets_stat ${init.directPackets}`);
    const version = `${init.version >>> 16}.${init.version & 0xffff}`;
    if (details) out.fact("ver", version, ` ver ${version}`);
  }
  if (directQueueLength !== undefined)
    out.fact("direct_qlen", directQueueLength, ` direct_qlen ${directQueueLength}`);
}

/** htb_print_xstats() */
export function printHtbStatistics(out: Output, bytes: Uint8Array): void {
  if (bytes.length < htbClassStatistics.size) return;
  const { lends, borrows, giants, tokens, ctokens } = htbClassStatistics.get(bytes, 0);
  out.fact("lended", lends, ` lended: ${lends} `);
  out.fact("borrowed", borrows, `borrowed: ${borrows} `);
  out.fact("giants", giants, `giants: ${giants}\n`);
  out.fact("tokens", tokens, ` tokens: ${tokens} `);
  out.fact("ctokens", ctokens, `ctokens: ${ctokens}\n`);
}
