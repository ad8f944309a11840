// Counters of a link, as `ip -s link` prints them: columns as wide as their largest number.

import type { LinkMessage } from "../../../netlink/rtnl/link.ts";
import type { Session } from "../session.ts";

/** A column's least width, by its longest heading. */
const WIDTHS = ["*X errors:", "packets", "errors", "dropped", "heartbt", "overrun", "compressed"].map(
  (heading) => heading.length,
);

/** A counter in at least `width` columns and a blank; with -h in thousands, millions, ... */
export function formatCounter(session: Session, width: number, count: number): string {
  const { human, iec } = session.options;
  const base = iec ? 1024 : 1000;
  if (!human || count < base) return `${String(count).padStart(width)} `;
  let unit = 0;
  let divisor = base;
  while (count / base >= divisor && unit < 5) {
    divisor *= base;
    unit++;
  }
  let precision = 2;
  for (let limit = 10; precision > 0 && Math.floor(count / divisor) >= limit; limit *= 10) precision--;
  return `${`${(count / divisor).toFixed(precision)}${"kMGTPE"[unit]}${iec ? "i" : ""}`.padStart(width)} `;
}

/** What has counters: a link, or the answer to a question for statistics. */
export type Counted = Pick<LinkMessage, "stats64" | "stats" | "carrierChanges">;

/** `"stats64":{...}`, or four and more lines of text without a newline at the end. */
export function printStatistics(session: Session, link: Counted): void {
  if (session.out.json) printJson(session, link);
  else printTable(session, link);
}

type Counters = Omit<NonNullable<LinkMessage["stats64"]>, "rxOtherhostDropped"> & {
  rxOtherhostDropped?: number;
};

function printJson(session: Session, link: Counted): void {
  const { out, options } = session;
  const stats: Counters | undefined = link.stats64 ?? link.stats;
  if (stats === undefined) return;
  const verbose = options.stats > 1;
  const facts = (facts: readonly (readonly [string, number])[]): void => {
    for (const [key, value] of facts) out.member(key, value);
  };
  out.openObject(link.stats64 !== undefined ? "stats64" : "stats");
  out.openObject("rx");
  facts([
    ["bytes", stats.rxBytes],
    ["packets", stats.rxPackets],
    ["errors", stats.rxErrors],
    ["dropped", stats.rxDropped],
    ["over_errors", stats.rxOverErrors],
    ["multicast", stats.multicast],
  ]);
  if (stats.rxCompressed !== 0) out.member("compressed", stats.rxCompressed);
  if (verbose) {
    facts([
      ["length_errors", stats.rxLengthErrors],
      ["crc_errors", stats.rxCrcErrors],
      ["frame_errors", stats.rxFrameErrors],
      ["fifo_errors", stats.rxFifoErrors],
      ["missed_errors", stats.rxMissedErrors],
    ]);
    if (stats.rxNohandler !== 0) out.member("nohandler", stats.rxNohandler);
    if (stats.rxOtherhostDropped) out.member("otherhost", stats.rxOtherhostDropped);
  }
  out.closeObject();
  out.openObject("tx");
  facts([
    ["bytes", stats.txBytes],
    ["packets", stats.txPackets],
    ["errors", stats.txErrors],
    ["dropped", stats.txDropped],
    ["carrier_errors", stats.txCarrierErrors],
    ["collisions", stats.collisions],
  ]);
  if (stats.txCompressed !== 0) out.member("compressed", stats.txCompressed);
  if (verbose) {
    facts([
      ["aborted_errors", stats.txAbortedErrors],
      ["fifo_errors", stats.txFifoErrors],
      ["window_errors", stats.txWindowErrors],
      ["heartbeat_errors", stats.txHeartbeatErrors],
    ]);
    if (link.carrierChanges !== undefined) out.member("carrier_changes", link.carrierChanges);
  }
  out.closeObject();
  out.closeObject();
}

function printTable(session: Session, link: Counted): void {
  const { out, options } = session;
  const stats: Counters | undefined = link.stats64 ?? link.stats;
  if (stats === undefined) return;
  const verbose = options.stats > 1;
  const rx = [
    stats.rxBytes,
    stats.rxPackets,
    stats.rxErrors,
    stats.rxDropped,
    stats.rxMissedErrors,
    stats.multicast,
    stats.rxCompressed,
  ];
  const rxMore = [
    stats.rxLengthErrors,
    stats.rxCrcErrors,
    stats.rxFrameErrors,
    stats.rxFifoErrors,
    stats.rxOverErrors,
    stats.rxNohandler,
  ];
  const tx = [
    stats.txBytes,
    stats.txPackets,
    stats.txErrors,
    stats.txDropped,
    stats.txCarrierErrors,
    stats.collisions,
    stats.txCompressed,
  ];
  const txMore = [
    stats.txAbortedErrors,
    stats.txFifoErrors,
    stats.txWindowErrors,
    stats.txHeartbeatErrors,
    link.carrierChanges ?? 0,
  ];
  const widths = [...WIDTHS];
  const widen = (numbers: readonly number[]): void => {
    if (options.human) return;
    for (const [i, number] of numbers.entries()) widths[i] = Math.max(widths[i] ?? 0, String(number).length);
  };
  widen(rx);
  if (verbose) widen([0, ...rxMore]);
  widen(tx);
  if (verbose) widen([0, ...txMore]);

  const width = (column: number): number => widths[column] ?? 0;
  const row = (numbers: readonly number[], first: number): string =>
    numbers.map((number, i) => formatCounter(session, width(first + i), number)).join("");
  const headings = (words: readonly string[], first: number): string =>
    words.map((word, i) => word.padStart(width(first + i))).join(" ");
  const end = out.lineEnd;

  const table = (direction: string, words: readonly string[], numbers: readonly number[]): void => {
    const compressed = numbers[6] ?? 0;
    const all = [...words, compressed !== 0 ? "compressed" : ""];
    out.text(`    ${direction}: ${"bytes".padStart(width(0) - 4)} ${headings(all, 1)}${end}`);
    out.text(`    ${row(compressed !== 0 ? numbers : numbers.slice(0, 6), 0)}`);
  };
  table("RX", ["packets", "errors", "dropped", "missed", "mcast"], rx);
  if (verbose) {
    const nohandler = stats.rxNohandler !== 0;
    const words = ["length", "crc", "frame", "fifo", "overrun", ...(nohandler ? ["nohandler"] : [])];
    out.text(`${end}    RX errors:${" ".repeat(width(0) - 10)} ${headings(words, 1)}${end}`);
    out.text(`${" ".repeat(width(0) + 5)}${row(nohandler ? rxMore : rxMore.slice(0, 5), 1)}`);
  }
  out.text(end);
  table("TX", ["packets", "errors", "dropped", "carrier", "collsns"], tx);
  if (verbose) {
    const words = [
      "aborted",
      "fifo",
      "window",
      "heartbt",
      link.carrierChanges !== undefined ? "transns" : "",
    ];
    const numbers = link.carrierChanges !== undefined ? txMore : txMore.slice(0, 4);
    out.text(`${end}    TX errors:${" ".repeat(width(0) - 10)} ${headings(words, 1)}${end}`);
    out.text(`${" ".repeat(width(0) + 5)}${row(numbers, 1)}`);
  }
}
