// What a bridge and its ports count besides bytes: multicast protocol messages and spanning tree (`ip stats`).

import { readU64Host } from "../../../netlink/host-bytes.ts";
import type { StatisticsSuite } from "../../../tools/ip/link-syntax.ts";
import type { Output } from "../../../tools/ip/output.ts";

/** BRIDGE_XSTATS_* (linux/if_bridge.h). */
const BRIDGE_XSTATS = { MCAST: 2, STP: 4 } as const;

const MARGIN = " ".repeat(20);

/** `struct br_mcast_stats`: pairs of received and sent, but for the two counts of errors. */
const MCAST_LENGTH = 28 * 8;

interface Pair {
  readonly rx: number;
  readonly tx: number;
}

function versions(out: Output, key: string, title: string, pairs: readonly Pair[], start = "\n"): void {
  out.openObject(key);
  out.text(`${start}${MARGIN}${title}:`);
  for (const direction of ["rx", "tx"] as const) {
    out.text(`\n${MARGIN}  ${direction.toUpperCase()}:`);
    for (const [i, pair] of pairs.entries()) {
      out.fact(`${direction}_v${i + 1}`, pair[direction], ` v${i + 1} ${pair[direction]}`);
    }
  }
  out.closeObject();
}

function leaves(out: Output, key: string, title: string, pair: Pair): void {
  out.openObject(key);
  out.text(`\n${MARGIN}${title}: `);
  out.fact("rx", pair.rx, `RX: ${pair.rx} `);
  out.fact("tx", pair.tx, `TX: ${pair.tx}`);
  out.closeObject();
}

function errors(out: Output, key: string, title: string, count: number): void {
  out.fact(key, count, `\n${MARGIN}${title}: ${count}`);
}

export const bridgeStatistics: readonly StatisticsSuite[] = [
  {
    name: "mcast",
    attribute: BRIDGE_XSTATS.MCAST,
    print({ out }, data) {
      if (data.length < MCAST_LENGTH) return;
      const word = (at: number): number => readU64Host(data, at * 8);
      const pair = (at: number): Pair => ({ rx: word(at), tx: word(at + 1) });
      out.openObject("multicast");
      versions(out, "igmp_queries", "IGMP queries", [pair(0), pair(2), pair(4)], out.lineEnd);
      versions(out, "igmp_reports", "IGMP reports", [pair(8), pair(10), pair(12)]);
      leaves(out, "igmp_leaves", "IGMP leaves", pair(6));
      errors(out, "igmp_parse_errors", "IGMP parse errors", word(14));
      versions(out, "mld_queries", "MLD queries", [pair(15), pair(17)]);
      versions(out, "mld_reports", "MLD reports", [pair(21), pair(23)]);
      leaves(out, "mld_leaves", "MLD leaves", pair(19));
      errors(out, "mld_parse_errors", "MLD parse errors", word(25));
      out.text("\n");
      out.closeObject();
    },
  },
  {
    name: "stp",
    attribute: BRIDGE_XSTATS.STP,
    print({ out }, data) {
      if (data.length < 6 * 8) return;
      const [blocked, forwarding, rxBpdu, txBpdu, rxTcn, txTcn] = [0, 1, 2, 3, 4, 5].map((at) =>
        readU64Host(data, at * 8),
      ) as [number, number, number, number, number, number]; // as many as indexes
      out.openObject("stp");
      out.fact("rx_bpdu", rxBpdu, `${out.lineEnd}${MARGIN}STP BPDU:  RX: ${rxBpdu}`);
      out.fact("tx_bpdu", txBpdu, ` TX: ${txBpdu}`);
      out.fact("rx_tcn", rxTcn, `\n${MARGIN}STP TCN:   RX: ${rxTcn}`);
      out.fact("tx_tcn", txTcn, ` TX: ${txTcn}`);
      out.fact("transition_blk", blocked, `\n${MARGIN}STP Transitions: Blocked: ${blocked}`);
      out.fact("transition_fwd", forwarding, ` Forwarding: ${forwarding}\n`);
      out.closeObject();
    },
  },
];
