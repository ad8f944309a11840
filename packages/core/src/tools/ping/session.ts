// The loop of ping: when to send, how long to wait, when to end, and what a reply is worth. What is sent and read depends on the
// family, which is behind Prober.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetAddress, InetSocket, ReceivedDatagram } from "../../system/sockets.ts";
import type { Microseconds, Nanoseconds } from "../../system/system.ts";
import { MILLISECOND } from "../../system/system.ts";
import { complain, fail } from "../iputils/arguments.ts";
import { hostName, numericName } from "../resolver/hosts.ts";
import type { PingOptions } from "./options.ts";
import { readTime, TIME_LENGTH } from "./payload.ts";
import { replyTime, Statistics } from "./statistics.ts";

/** Milliseconds: shorter waits are not asked of the kernel. */
const SHORTEST_WAIT = 10;
const INT_LIMIT = 2_147_483_647;
const ICMP_HEADER = 8;
/** Probes sent without looking for replies: even a flood lets others run. */
const LONGEST_BURST = 0x10000;

/** What differs between IPv4 and IPv6. */
export interface Prober {
  /** Sends the next probe. Errors: Refusal. */
  send(session: Session): void;
  /** Reads one entry of the error queue: how many replies were errors from the net; below 0 local ones; 0: not ours. */
  readError(session: Session): number;
  /** Takes a received datagram: false if it belongs to another ping. */
  readReply(session: Session, datagram: ReceivedDatagram): boolean;
}

/** What a session is about. */
export interface PingTarget {
  /** As the user gave it. */
  readonly hostname: string;
  /** Replies come from many hosts. */
  readonly multicast: boolean;
  /** Data of probes, repeated; undefined: ascending numbers. */
  readonly pattern: Uint8Array | undefined;
}

/** A reply as far as both families have it in common. */
export interface Reply {
  /** From the ICMP header on. */
  readonly message: Uint8Array;
  readonly sequence: number;
  /** Undefined: not told. */
  readonly ttl: number | undefined;
  readonly corrupted: boolean;
  readonly from: InetAddress;
  readonly wrongSource: boolean;
  readonly receivedAt: Microseconds;
}

export class Session {
  readonly process: Process;
  readonly options: PingOptions;
  readonly socket: InetSocket;
  readonly statistics = new Statistics();
  readonly identifier: number;
  /** The probe: ICMP header, then data. */
  readonly probe: Uint8Array;
  /** As the user gave it. */
  readonly hostname: string;
  /** Replies come from many hosts. */
  readonly multicast: boolean;
  /** Probes carry the time when they were sent. */
  readonly timed: boolean;
  #interval: number;
  readonly #prober: Prober;
  #exiting = false;
  #snapshotWanted = false;
  #startedAt: Nanoseconds = 0;
  #lastSent: Nanoseconds | undefined;
  #tokens = 0;
  #alarm: Nanoseconds | undefined;
  #lingering = false;
  #screenWidth = INT_LIMIT;

  constructor(
    process: Process,
    options: PingOptions,
    socket: InetSocket,
    prober: Prober,
    target: PingTarget,
  ) {
    this.process = process;
    this.options = options;
    this.socket = socket;
    this.#prober = prober;
    this.hostname = target.hostname;
    this.multicast = target.multicast;
    this.timed = options.size >= TIME_LENGTH;
    this.identifier = options.identifier ?? process.pid & 0xffff;
    this.#interval = options.interval;
    this.probe = new Uint8Array(ICMP_HEADER + options.size);
    const { pattern } = target;
    for (let at = 0; at < options.size; at++) {
      const value = pattern === undefined ? at : pattern.length === 0 ? 0 : pattern[at % pattern.length];
      this.probe[ICMP_HEADER + at] = value ?? 0;
    }
  }

  /** Writes past the buffer of standard output, as flood ping does. */
  writeNow(text: string): void {
    this.process.flush();
    this.process.print(text);
    this.process.flush();
  }

  printTimestamp(): void {
    if (!this.options.printTime) return;
    const now = this.process.realtime();
    const micros = String(now % 1_000_000).padStart(6, "0");
    this.process.print(`[${Math.floor(now / 1_000_000)}.${micros}] `);
  }

  /** An address, with its name unless only numbers are wanted. */
  addressName(address: Omit<InetAddress, "port">): string {
    const text = numericName(this.process, address);
    const name = this.options.numeric || this.#exiting ? undefined : hostName(this.process, address.address);
    return name === undefined ? text : `${name} (${text})`;
  }

  /** Runs until the end; the exit status. */
  async run(): Promise<number> {
    this.#setUp();
    const { options, statistics } = this;
    for (;;) {
      this.#checkAlarm();
      if (this.#exiting) break;
      if (options.count > 0 && statistics.received + statistics.errors >= options.count) break;
      if (options.deadline > 0 && statistics.errors > 0) break;
      if (this.#snapshotWanted) this.#printSnapshot();
      let next: number;
      let burst = 0;
      do next = this.#scheduleExit(this.#send());
      while (next <= 0 && ++burst < LONGEST_BURST);
      await this.#receive(next);
    }
    return this.#finish();
  }

  #setUp(): void {
    const { process, options } = this;
    if (options.flood && !options.intervalGiven) this.#interval = 0;
    if (this.#interval >= Math.trunc(INT_LIMIT / options.preload)) {
      fail(process, 2, 0, `illegal preload and/or interval: ${this.#interval}`);
    }
    const exit = (): void => void (this.#exiting = true);
    process.onSignal("SIGINT", exit);
    process.onSignal("SIGALRM", exit);
    process.onSignal("SIGQUIT", () => void (this.#snapshotWanted = true));
    this.#startedAt = process.monotonic();
    if (options.deadline > 0) this.#alarm = this.#startedAt + options.deadline * 1e9;
    const { terminal } = process.stdout;
    if (terminal !== undefined && terminal.columns > 0) this.#screenWidth = terminal.columns;
  }

  #checkAlarm(): void {
    if (this.#alarm !== undefined && this.process.monotonic() >= this.#alarm) this.#exiting = true;
  }

  /** Sends a probe if it is time; milliseconds until the next one. */
  #send(): number {
    const { options, statistics, process } = this;
    if (this.#exiting) return 1000;
    if (options.count > 0 && statistics.transmitted >= options.count && options.deadline === 0) return 1000;
    const wait = this.#takeToken();
    if (wait > 0) return wait;
    if (options.outstanding && statistics.transmitted > 0 && !statistics.wasSeen(statistics.transmitted)) {
      this.printTimestamp();
      process.print(`no answer yet for icmp_seq=${statistics.transmitted % 0x10000}\n`);
      process.flush();
    }
    for (let tries = 0; ; tries++) {
      try {
        this.#prober.send(this);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        const reported = this.#prober.readError(this);
        if (reported > 0) {
          this.#tokens += this.#interval;
          return SHORTEST_WAIT;
        }
        // An error about another ping was in the way.
        if (reported === 0 && tries === 0) continue;
        statistics.sent();
        this.#tokens = 0;
        return Math.max(this.#interval, SHORTEST_WAIT);
      }
      break;
    }
    statistics.sent();
    if (!options.quiet && options.flood) {
      const narrow = options.preload < this.#screenWidth && statistics.pipeSize < this.#screenWidth;
      if (narrow || statistics.inFlight < this.#screenWidth) this.writeNow(".");
    }
    return this.#interval - this.#tokens;
  }

  /**
   * Probes are sent at a rate of one an interval, and up to `preload` at once: time earns tokens, a probe costs one interval.
   * Returns 0 if a probe may go, else the milliseconds to wait.
   */
  #takeToken(): number {
    const { options, statistics, process } = this;
    const now = process.monotonic();
    if (this.#lastSent === undefined) {
      this.#lastSent = now;
      this.#tokens = this.#interval * (options.preload - 1);
      return 0;
    }
    let earned = millisecondsBetween(this.#lastSent, now);
    // A flood that hears nothing is kept to 100 probes a second.
    if (this.#interval === 0 && earned < SHORTEST_WAIT && statistics.inFlight >= options.preload) {
      return SHORTEST_WAIT - earned;
    }
    earned = Math.min(earned + this.#tokens, this.#interval * options.preload);
    if (earned < this.#interval) return this.#interval - earned;
    this.#lastSent = now;
    this.#tokens = earned - this.#interval;
    return 0;
  }

  /** After the last probe: waits twice the longest round trip, at least an interval; or -W if nothing came yet. */
  #scheduleExit(next: number): number {
    const { options, statistics, process } = this;
    if (options.count === 0 || statistics.transmitted < options.count || options.deadline > 0) return next;
    if (this.#lingering) return next;
    const wait: Microseconds =
      statistics.received > 0
        ? Math.max(2 * statistics.maximum, 1000 * this.#interval)
        : options.linger * 1000;
    this.#lingering = wait !== 0;
    this.#alarm = wait > 0 ? process.monotonic() + wait * 1000 : undefined;
    return next < 0 || next < Math.trunc(wait / 1000) ? Math.trunc(wait / 1000) : next;
  }

  /** Waits for the socket, at most `next` milliseconds and not beyond the alarm, and reads all that is there. */
  async #receive(next: number): Promise<void> {
    const { options, statistics, socket } = this;
    const reach = Math.max(this.#interval, SHORTEST_WAIT);
    let wait = reach;
    if (options.adaptive || next < reach) {
      wait = next;
      // Where ping would spin for want of a shorter sleep, time has to be let pass.
      if (next <= SHORTEST_WAIT && statistics.inFlight > 0) wait = SHORTEST_WAIT;
    }
    const result = await this.#waitFor(wait * MILLISECOND);
    if (result !== "ready") return;
    while (this.#readOne() && statistics.inFlight !== 0 && socket.ready);
  }

  async #waitFor(wait: Nanoseconds): Promise<string> {
    const left = this.#alarm === undefined ? Infinity : Math.max(0, this.#alarm - this.process.monotonic());
    return this.process.wait([this.socket], Math.min(wait, left));
  }

  /** False if nothing was there. */
  #readOne(): boolean {
    let datagram: ReceivedDatagram | undefined;
    try {
      datagram = this.socket.receive();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.#prober.readError(this);
      return true;
    }
    if (datagram === undefined) {
      // Only the error queue is left.
      return this.socket.ready && this.#prober.readError(this) !== 0;
    }
    this.#prober.readReply(this, datagram);
    return true;
  }

  /** Counts and prints a reply up to the end of its line's common part. False if nothing more is to be printed. */
  gather(reply: Reply): boolean {
    const { options, statistics, process } = this;
    const { message, sequence, corrupted } = reply;
    const length = message.length;
    if (!corrupted) statistics.acknowledge(sequence);
    let time = 0;
    if (this.timed && length >= ICMP_HEADER + TIME_LENGTH) {
      time = this.#roundTrip(reply);
      if (!corrupted) {
        statistics.addTime(time);
        if (options.adaptive) this.#adapt();
      }
    }
    const repeated = statistics.receive(sequence, corrupted);
    if (options.quiet) return false;
    if (options.flood) {
      this.writeNow(corrupted ? "\bC" : "\b \b");
      return true;
    }
    this.printTimestamp();
    process.print(`${length} bytes from ${this.addressName(reply.from)}: icmp_seq=${sequence}`);
    if (options.verbose) process.print(` ident=${this.identifier}`);
    if (reply.ttl !== undefined) process.print(` ttl=${reply.ttl}`);
    if (length < options.size + ICMP_HEADER) {
      process.print(" (truncated)\n");
      return false;
    }
    if (this.timed) process.print(replyTime(time));
    if (repeated && (!this.multicast || options.verbose)) process.print(" (DUP!)");
    if (corrupted) process.print(" (BAD CHECKSUM!)");
    if (reply.wrongSource) process.print(" (DIFFERENT ADDRESS!)");
    this.#compareData(message);
    return true;
  }

  #roundTrip({ message, receivedAt }: Reply): Microseconds {
    const at = this.options.latency ? this.process.realtime() : receivedAt;
    const time = at - readTime(message, ICMP_HEADER);
    if (time >= 0) return time;
    complain(this.process, 0, `Warning: time of day goes back (${time}us), taking countermeasures`);
    this.options.latency = true;
    return Math.max(0, this.process.realtime() - readTime(message, ICMP_HEADER));
  }

  /** -A: the interval follows the round-trip time. */
  #adapt(): void {
    const { average8 } = this.statistics;
    const estimate = average8 === 0 ? this.#interval * 1000 : Math.trunc(average8 / 8);
    this.#interval = Math.trunc((estimate + 500) / 1000);
  }

  /** Prints the data if it is not what was sent. */
  #compareData(message: Uint8Array): void {
    const { probe, process } = this;
    for (let at = ICMP_HEADER + TIME_LENGTH; at < probe.length; at++) {
      if (message[at] === probe[at]) continue;
      const expected = (probe[at] ?? 0).toString(16);
      const was = (message[at] ?? 0).toString(16);
      process.print(`\nwrong data byte #${at - ICMP_HEADER} should be 0x${expected} but was 0x${was}`);
      for (let index = TIME_LENGTH; index < probe.length - ICMP_HEADER; index++) {
        if (index % 32 === TIME_LENGTH) process.print(`\n#${index}\t`);
        process.print(`${(message[ICMP_HEADER + index] ?? 0).toString(16)} `);
      }
      return;
    }
  }

  #printSnapshot(): void {
    this.#snapshotWanted = false;
    this.process.warn(`\r${this.statistics.snapshot(this.timed)}\n`);
  }

  /** Prints the statistics; the exit status. */
  #finish(): number {
    const { options, statistics, process } = this;
    const elapsed = (this.#lastSent ?? this.#startedAt) - this.#startedAt;
    process.print("\n");
    process.flush();
    process.print(`--- ${this.hostname} ping statistics ---\n${statistics.summary(elapsed)}\n`);
    const parts: string[] = [];
    if (statistics.received > 0 && this.timed) parts.push(`rtt min/avg/max/mdev = ${statistics.times()} ms`);
    if (statistics.pipeSize > 1) parts.push(`pipe ${statistics.pipeSize}`);
    const paced = this.#interval === 0 || options.flood || options.adaptive;
    if (statistics.received > 0 && paced && statistics.transmitted > 1) {
      const gap = Math.trunc(elapsed / 1000 / (statistics.transmitted - 1));
      const average = Math.trunc(statistics.average8 / 8);
      parts.push(`ipg/ewma ${fraction(gap)}/${fraction(average)} ms`);
    }
    process.print(`${parts.join(", ")}\n`);
    const late = options.deadline > 0 && statistics.received < options.count;
    return statistics.received === 0 || late ? 1 : 0;
  }
}

function fraction(time: Microseconds): string {
  return `${Math.trunc(time / 1000)}.${String(time % 1000).padStart(3, "0")}`;
}

/**
 * Whole milliseconds that have passed. Ping reckons one more where a second begins between the two, but then it waits by the
 * kernel's ticks, which make every wait that much longer at least: a probe never goes before its time.
 */
function millisecondsBetween(from: Nanoseconds, to: Nanoseconds): number {
  return Math.floor((to - from) / MILLISECOND);
}
