// The lines that iperf3 prints of a test (iperf_print_intermediate, iperf_print_results; iperf_locale.c).

import type { IntervalResult, TestStream } from "./stream.ts";
import { bytesText, rateText } from "./units.ts";

const RULE = "- - - - - - - - - - - - - - - - - - - - - - - - -\n";
const COLUMNS = "[ ID] Interval           Transfer     Bitrate";
/** A last interval that is shorter than this part of the others is left out if nothing came in it. */
const SHORT = 0.1;

/** What a test measures. */
export interface ReportOptions {
  readonly udp: boolean;
  /** This side sends. */
  readonly sender: boolean;
  readonly format: string;
  readonly interval: number;
  readonly print: (text: string) => void;
}

/** What both sides know of a stream in the end. */
export interface StreamSummary {
  readonly descriptor: number;
  readonly sent: Side | undefined;
  readonly received: Side | undefined;
}

export interface Side {
  readonly bytes: number;
  /** Seconds. */
  readonly end: number;
  readonly retransmits: number | undefined;
  readonly packets: number;
  readonly lost: number;
  readonly jitter: number;
}

function times(start: number, end: number): string {
  return `${start.toFixed(2).padStart(6)}-${end.toFixed(2).padEnd(6)} sec`;
}

const idOf = (descriptor: number | "SUM"): string =>
  descriptor === "SUM" ? "[SUM]" : `[${String(descriptor).padStart(3)}]`;

/** printf's %.2g */
function percent(lost: number, packets: number): string {
  if (packets === 0 || lost === 0) return "0";
  return String(Number(((100 * lost) / packets).toPrecision(2)));
}

export class Report {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  #amounts(bytes: number, seconds: number): string {
    const rate = seconds > 0 ? bytes / seconds : 0;
    return `${bytesText(bytes)}  ${rateText(rate, this.#options.format)}`;
  }

  header(): void {
    const { udp, sender, print } = this.#options;
    const rest = udp
      ? sender
        ? "         Total Datagrams"
        : "         Jitter    Lost/Total Datagrams"
      : sender
        ? "         Retr  Cwnd"
        : "";
    print(`${COLUMNS}${rest}\n`);
  }

  #intervalLine(id: number | "SUM", result: IntervalResult, isSum: boolean): string {
    const { udp, sender } = this.#options;
    const head = `${idOf(id)} ${times(result.start, result.end)}  ${this.#amounts(result.bytes, result.end - result.start)}`;
    if (udp) {
      if (sender) return `${head}  ${result.packets}  \n`;
      return `${head}  ${(result.jitter * 1000).toFixed(3).padStart(5)} ms  ${result.lost}/${result.packets} (${percent(result.lost, result.packets)}%)  \n`;
    }
    if (!sender) return `${head}                  \n`;
    const retransmits = `${head}  ${String(result.retransmits).padStart(3)}`;
    return isSum ? `${retransmits}             \n` : `${retransmits}   ${bytesText(result.window)}       \n`;
  }

  /** One interval of all streams. */
  interval(streams: readonly TestStream[], results: readonly IntervalResult[]): void {
    const { print } = this.#options;
    if (!this.counts(results)) return;
    for (const [at, result] of results.entries())
      print(this.#intervalLine(streams[at]?.descriptor ?? 0, result, false));
    if (results.length < 2) return;
    print(this.#intervalLine("SUM", sumOf(results), true));
  }

  /** False for what is left behind the last interval, if that is next to nothing. */
  counts(results: readonly IntervalResult[]): boolean {
    const { interval } = this.#options;
    return results.some(
      ({ start, end, bytes }) => bytes > 0 || (interval > 0 && end - start >= SHORT * interval),
    );
  }

  rule(): void {
    this.#options.print(RULE);
  }

  /** The end: both sides of every stream, as far as they are known. */
  results(streams: readonly StreamSummary[]): void {
    const { udp, print } = this.#options;
    const withRetransmits = !udp && streams.some(({ sent }) => sent?.retransmits !== undefined);
    const rest = udp ? "         Jitter    Lost/Total Datagrams" : withRetransmits ? "         Retr" : "";
    print(RULE + COLUMNS + rest + "\n");
    for (const { descriptor, sent, received } of streams) {
      if (sent !== undefined) print(this.#side(descriptor, sent, "sender"));
      if (received !== undefined) print(this.#side(descriptor, received, "receiver"));
    }
    if (streams.length < 2) return;
    for (const which of ["sent", "received"] as const) {
      const sides = streams.flatMap((stream) => stream[which] ?? []);
      if (sides.length > 0)
        print(this.#side("SUM", totalOf(sides), which === "sent" ? "sender" : "receiver"));
    }
  }

  #side(id: number | "SUM", side: Side, word: "sender" | "receiver"): string {
    const head = `${idOf(id)} ${times(0, side.end)}  ${this.#amounts(side.bytes, side.end)}`;
    if (this.#options.udp) {
      const { jitter, lost, packets } = side;
      return `${head}  ${(jitter * 1000).toFixed(3).padStart(5)} ms  ${lost}/${packets} (${percent(lost, packets)}%)  ${word}\n`;
    }
    if (word === "sender" && side.retransmits !== undefined)
      return `${head}  ${String(side.retransmits).padStart(3)}             ${word}\n`;
    return `${head}                  ${word}\n`;
  }
}

export function sumOf(results: readonly IntervalResult[]): IntervalResult {
  const [first] = results;
  const add = (pick: (result: IntervalResult) => number): number =>
    results.reduce((sum, each) => sum + pick(each), 0);
  return {
    start: first?.start ?? 0,
    end: first?.end ?? 0,
    bytes: add(({ bytes }) => bytes),
    retransmits: add(({ retransmits }) => retransmits),
    window: 0,
    peerWindow: 0,
    rtt: 0,
    rttVariance: 0,
    pathMtu: 0,
    packets: add(({ packets }) => packets),
    lost: add(({ lost }) => lost),
    jitter: add(({ jitter }) => jitter) / Math.max(1, results.length),
  };
}

export function totalOf(sides: readonly Side[]): Side {
  const add = (pick: (side: Side) => number): number => sides.reduce((sum, each) => sum + pick(each), 0);
  return {
    bytes: add(({ bytes }) => bytes),
    end: sides[0]?.end ?? 0,
    retransmits: sides[0]?.retransmits === undefined ? undefined : add(({ retransmits = 0 }) => retransmits),
    packets: add(({ packets }) => packets),
    lost: add(({ lost }) => lost),
    jitter: add(({ jitter }) => jitter) / Math.max(1, sides.length),
  };
}
