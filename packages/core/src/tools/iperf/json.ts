// The report of -J, and how cJSON lays it out: tabs, and objects of arrays on the line of their bracket.

import type { Process } from "../../system/process.ts";
import { addressText, inetOf } from "./addresses.ts";
import type { IperfOptions } from "./options.ts";
import { sumOf, totalOf } from "./report.ts";
import type { StreamSummary } from "./report.ts";
import type { Interval } from "./run-test.ts";
import { bufferSizes } from "./settings.ts";
import type { IntervalResult, TestStream } from "./stream.ts";
import { IPERF_VERSION } from "./usage.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** printf's %.15g, or %.17g where that is not the same number. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const short = Number(value.toPrecision(15));
  return short === value ? String(short) : value.toPrecision(17).replace(/\.?0+$/, "");
}

export function jsonText(value: Json): string {
  return `${render(value, 0)}\n`;
}

function render(value: Json, depth: number): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${(value as readonly Json[]).map((each) => render(each, depth + 1)).join(", ")}]`;
  const tabs = "\t".repeat(depth + 1);
  const members = Object.entries(value as { readonly [name: string]: Json }).map(
    ([name, member]) => `${tabs}${JSON.stringify(name)}:\t${render(member, depth + 1)}`,
  );
  return `{\n${members.join(",\n")}\n${"\t".repeat(depth)}}`;
}

export interface JsonFacts {
  readonly host: string;
  readonly cookie: string;
  readonly mss: number;
  readonly length: number;
  /** µs since the epoch. */
  readonly started: number;
  readonly streams: readonly TestStream[];
  readonly intervals: readonly Interval[];
  readonly summaries: readonly StreamSummary[];
  readonly reverse: boolean;
  /** Congestion control of both sides. */
  readonly congestion: readonly [sender: string, receiver: string];
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** "Mon, 30 Nov 2026 07:34:37 GMT" */
function dateText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  // Days since 1970-01-01 to a date (Hinnant, "chrono-compatible low-level date algorithms").
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 2 : month - 10;
  const year = yearOfEra + era * 400 + (calendarMonth < 2 ? 1 : 0);
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(twoDigits).join(":");
  return `${DAYS[(days + 4) % 7]}, ${twoDigits(day)} ${MONTHS[calendarMonth]} ${year} ${time} GMT`;
}

function connectedOf(stream: TestStream): Json {
  const local = stream.tcp === undefined ? stream.udp?.localAddress() : inetOf(stream.tcp.local);
  const remote = stream.tcp === undefined ? stream.udp?.remoteAddress() : inetOf(stream.tcp.remote);
  return {
    socket: stream.descriptor,
    local_host: local === undefined ? "" : addressText(local),
    local_port: local?.port ?? 0,
    remote_host: remote === undefined ? "" : addressText(remote),
    remote_port: remote?.port ?? 0,
  };
}

function rateOf(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / seconds : 0;
}

function intervalOf(result: IntervalResult, udp: boolean, sender: boolean, socket?: number): Json {
  const { start, end, bytes } = result;
  const seconds = Math.fround(end - start);
  const isSum = socket === undefined;
  return {
    ...(socket !== undefined && { socket }),
    start,
    end,
    seconds,
    bytes,
    bits_per_second: rateOf(bytes, seconds),
    ...(!udp && sender && { retransmits: result.retransmits }),
    ...(!udp &&
      sender &&
      !isSum && {
        snd_cwnd: result.window,
        snd_wnd: result.peerWindow,
        rtt: result.rtt,
        rttvar: result.rttVariance,
        pmtu: result.pathMtu,
      }),
    ...(udp && !sender && { jitter_ms: result.jitter * 1000, lost_packets: result.lost }),
    ...(udp && { packets: result.packets }),
    ...(udp && !sender && { lost_percent: result.packets > 0 ? (100 * result.lost) / result.packets : 0 }),
    omitted: false,
    sender,
  };
}

/** What is reported of a finished test. */
export function jsonReport(process: Process, options: IperfOptions, facts: JsonFacts): Json {
  const seconds = Math.floor(facts.started / 1e6);
  const sender = !facts.reverse;
  const buffers = bufferSizes(process, options.udp);
  return {
    start: {
      connected: facts.streams.map(connectedOf),
      version: `iperf ${IPERF_VERSION}`,
      system_info: `Linux ${process.system.hostName} ${process.system.release} x86_64`,
      timestamp: { time: dateText(seconds), timesecs: seconds },
      connecting_to: { host: facts.host, port: options.port },
      cookie: facts.cookie,
      ...(!options.udp && { tcp_mss_default: facts.mss }),
      target_bitrate: options.bitrate,
      sock_bufsize: options.window,
      sndbuf_actual: buffers.send,
      rcvbuf_actual: buffers.receive,
      test_start: {
        protocol: options.udp ? "UDP" : "TCP",
        num_streams: options.parallel,
        blksize: facts.length,
        omit: 0,
        duration: options.duration,
        bytes: options.bytes,
        blocks: 0,
        reverse: facts.reverse ? 1 : 0,
        tos: options.tos,
        target_bitrate: options.bitrate,
      },
    },
    intervals: facts.intervals.map((results) => ({
      streams: results.map((result, at) =>
        intervalOf(result, options.udp, sender, facts.streams[at]?.descriptor ?? 0),
      ),
      sum: intervalOf(sumOf(results), options.udp, sender),
    })),
    end: options.udp ? endOfUdp(facts) : endOfTcp(facts),
  };
}

const IDLE = {
  host_total: 0,
  host_user: 0,
  host_system: 0,
  remote_total: 0,
  remote_user: 0,
  remote_system: 0,
} as const;

function endOfTcp({ streams, summaries, reverse, congestion }: JsonFacts): Json {
  const sender = !reverse;
  const sents = summaries.flatMap(({ sent }) => sent ?? []);
  const receiveds = summaries.flatMap(({ received }) => received ?? []);
  const sent = totalOf(sents);
  const received = totalOf(receiveds);
  const side = (bytes: number, end: number, time = end): { readonly [name: string]: Json } => ({
    start: 0,
    end,
    seconds: time,
    bytes,
    bits_per_second: rateOf(bytes, end),
  });
  return {
    streams: streams.map((stream, at) => {
      const summary = summaries[at];
      const rtts = stream.intervals.map(({ rtt }) => rtt).filter((rtt) => rtt > 0);
      const mean = rtts.length > 0 ? Math.floor(rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length) : 0;
      return {
        sender: {
          socket: stream.descriptor,
          ...side(summary?.sent?.bytes ?? 0, summary?.sent?.end ?? 0),
          retransmits: summary?.sent?.retransmits ?? 0,
          max_snd_cwnd: Math.max(0, ...stream.intervals.map(({ window }) => window)),
          max_snd_wnd: Math.max(0, ...stream.intervals.map(({ peerWindow }) => peerWindow)),
          max_rtt: Math.max(0, ...rtts),
          min_rtt: rtts.length > 0 ? Math.min(...rtts) : 0,
          mean_rtt: mean,
          sender,
        },
        receiver: {
          socket: stream.descriptor,
          ...side(summary?.received?.bytes ?? 0, summary?.received?.end ?? 0, summary?.sent?.end ?? 0),
          sender,
        },
      };
    }),
    sum_sent: { ...side(sent.bytes, sent.end), retransmits: sent.retransmits ?? 0, sender },
    sum_received: { ...side(received.bytes, received.end), sender },
    cpu_utilization_percent: IDLE,
    sender_tcp_congestion: congestion[0],
    receiver_tcp_congestion: congestion[1],
  };
}

function endOfUdp({ streams, summaries, reverse }: JsonFacts): Json {
  const sender = !reverse;
  const received = totalOf(summaries.flatMap(({ received: side }) => side ?? []));
  const sent = totalOf(summaries.flatMap(({ sent: side }) => side ?? []));
  const lostPercent = received.packets > 0 ? (100 * received.lost) / received.packets : 0;
  const sum = {
    start: 0,
    end: sent.end,
    seconds: sent.end,
    bytes: sent.bytes,
    bits_per_second: rateOf(sent.bytes, sent.end),
    jitter_ms: received.jitter * 1000,
    lost_packets: received.lost,
    packets: sent.packets,
    lost_percent: lostPercent,
    sender,
  };
  return {
    streams: streams.map((stream) => ({
      udp: { socket: stream.descriptor, ...sum, out_of_order: stream.outOfOrder, sender },
    })),
    sum,
    cpu_utilization_percent: IDLE,
  };
}
