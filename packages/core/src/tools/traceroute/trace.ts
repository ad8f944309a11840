// The course of a trace: several hops are probed at once, answers are printed in order, and probes are given up when answers to
// others tell that theirs should have come.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket, ReceivedError } from "../../system/sockets.ts";
import type { Microseconds } from "../../system/system.ts";
import { MILLISECOND } from "../../system/system.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { hostName, numericName } from "../resolver/hosts.ts";
import { shouldReplace, timeout } from "./expiry.ts";
import { markOf } from "./marks.ts";
import type { Answer, Method } from "./method.ts";
import type { TraceOptions } from "./options.ts";
import { hopsOfTtl, Probe } from "./probe.ts";
import { systemError } from "./sockets.ts";

const REDIRECT = 5;
const SOURCE_QUENCH = 4;
/** Marks a place whose probe was moved: nothing is sent there again. */
const MOVED: Microseconds = 1;

export class Trace {
  readonly #process: Process;
  readonly #options: TraceOptions;
  readonly #host: ResolvedHost;
  readonly #method: Method;
  readonly #headerLength: number;
  #dataLength: number;
  readonly #probes: Probe[];

  constructor(
    process: Process,
    options: TraceOptions,
    host: ResolvedHost,
    method: Method,
    headerLength: number,
    dataLength: number,
  ) {
    this.#process = process;
    this.#options = options;
    this.#host = host;
    this.#method = method;
    this.#headerLength = headerLength;
    this.#dataLength = dataLength;
    this.#probes = Array.from({ length: options.maxHops * options.queries }, () => new Probe());
  }

  async run(): Promise<void> {
    const { firstHop, maxHops, queries } = this.#options;
    const process = this.#process;
    const address = numericName(process, this.#host);
    const length = this.#headerLength + this.#dataLength;
    process.print(
      `traceroute to ${this.#options.targetName} (${address}), ${maxHops} hops max, ${length} byte packets`,
    );
    process.flush();
    const state = { start: (firstHop - 1) * queries, end: this.#probes.length, lastSent: 0 };
    while (state.start < state.end) {
      const next = this.#sendDue(state);
      if (next !== 0) await this.#poll(Math.max(0, next - process.realtime()));
    }
    process.print("\n");
  }

  /** Prints and sends what is due; when something is next to be done, 0 for at once. */
  #sendDue(state: { start: number; end: number; lastSent: Microseconds }): Microseconds {
    const { queries, simultaneous, sendInterval } = this.#options;
    const now = this.#process.realtime();
    let next: Microseconds = 0;
    let underWay = 0;
    for (let index = state.start; index < state.end; index++) {
      const probe = this.#probes[index] as Probe;
      if (index === state.start && !probe.done && probe.sentAt !== 0) {
        const expires = probe.sentAt + timeout(this.#probes, index, this.#options);
        if (expires > now) next = expires;
        else this.#giveUp(index);
      }
      if (probe.done) {
        if (index === state.start) {
          this.#print(index);
          state.start++;
        }
        if (probe.final) state.end = (Math.floor(index / queries) + 1) * queries;
        continue;
      }
      if (probe.sentAt === 0) {
        const earliest = state.lastSent + sendInterval * 1_000_000;
        if (sendInterval > 0 && earliest > now) return earliest;
        this.#method.send(probe, Math.floor(index / queries) + 1, this.#dataLength);
        if ((probe.sentAt as Microseconds) === 0) {
          if (next !== 0) return next;
          systemError(this.#process, "send probe", ERRNO.ENOBUFS);
        }
        state.lastSent = probe.sentAt;
      }
      if (next === 0) next = probe.sentAt + timeout(this.#probes, index, this.#options);
      if (++underWay >= simultaneous) break;
    }
    return next;
  }

  #done(probe: Probe): void {
    this.#method.release(probe);
    probe.finish();
  }

  /** The answer did not come; perhaps a later one belongs here. */
  #giveUp(index: number): void {
    const probe = this.#probes[index] as Probe;
    this.#done(probe);
    const later = shouldReplace(this.#probes, index, this.#options.queries);
    if (later === undefined) return;
    probe.become(later);
    later.clear();
    later.sentAt = MOVED;
  }

  async #poll(wait: Microseconds): Promise<void> {
    const sockets = this.#method.sockets(this.#probes);
    const millis = Math.ceil(wait / 1000);
    if ((await this.#process.wait(sockets, millis * MILLISECOND)) !== "ready") return;
    for (const socket of sockets) {
      if (socket.ready) this.#receive(socket);
      // Where time is real, our own work takes some: what has come meanwhile has come in time. A probe's own socket is closed by now.
      const isOpen = (): boolean => this.#method.sockets(this.#probes).includes(socket);
      while (this.#process.system.startCost === 0 && isOpen() && socket.ready && this.#receive(socket));
    }
  }

  /** Takes an answer from a socket; false if there was none. */
  #receive(socket: InetSocket): boolean {
    const error = socket.receiveError();
    if (error !== undefined) {
      this.#takeError(socket, error);
      return true;
    }
    try {
      const datagram = socket.receive();
      if (datagram === undefined) return false;
      const { bytes, from, timestamp, ttl = 0 } = datagram;
      const probe = this.#probeFor({ socket, isError: false, port: from.port, bytes });
      if (probe === undefined) return true;
      probe.from = from.address;
      probe.scope = from.scope ?? 0;
      probe.receivedAt = timestamp;
      probe.receivedTtl = ttl;
      this.#done(probe);
    } catch (refusal) {
      // A pending error whose details were read before.
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    return true;
  }

  /** The probe of an answer. An error of the own host about a probe that may not be cut has no payload to tell. */
  #probeFor(answer: Answer): Probe | undefined {
    const probe = this.#method.probeFor(answer, this.#probes);
    if (probe !== undefined) return probe;
    if (answer.bytes.length > 0 || !answer.isError || !this.#options.dontFragment) return undefined;
    const first = this.#probes[(this.#options.firstHop - 1) * this.#options.queries];
    return first?.done ? undefined : first;
  }

  #takeError(socket: InetSocket, error: ReceivedError): void {
    const { bytes, to, origin, type, code, info } = error;
    const probe = this.#probeFor({ socket, isError: true, port: to.port, bytes });
    if (probe === undefined) return;
    if (origin === "icmp" && (type === REDIRECT || type === SOURCE_QUENCH)) return;
    probe.receivedAt = error.timestamp;
    probe.receivedTtl = error.ttl ?? 0;
    if (origin === "local") {
      if (error.errno !== ERRNO.EMSGSIZE || info === 0)
        systemError(this.#process, "local recverr", error.errno);
      probe.mark += `!F-${info}`;
      probe.final = true;
    } else {
      probe.from = error.offender;
      const mark = markOf(origin === "icmp", type, code, info);
      if (mark !== undefined) {
        probe.mark += mark;
        probe.final = true;
      }
    }
    const fits = info >= this.#headerLength && info < this.#headerLength + this.#dataLength;
    if (this.#options.discoverMtu && fits) {
      this.#dataLength = info - this.#headerLength;
      this.#done(probe);
      // The hop before has answered: this place is probed again, with what fits.
      probe.clear();
      probe.mark = `F=${info}`;
      return;
    }
    this.#done(probe);
  }

  #print(index: number): void {
    const { queries, numeric, backward } = this.#options;
    const process = this.#process;
    const probe = this.#probes[index] as Probe;
    const ttl = Math.floor(index / queries) + 1;
    const turn = index % queries;
    if (turn === 0) process.print(`\n${String(ttl).padStart(2)} `);
    if (probe.from === undefined) process.print(" *");
    else if (this.#isNew(index)) {
      const address = numericName(process, { address: probe.from, scope: probe.scope });
      if (numeric) process.print(` ${address}`);
      else process.print(` ${hostName(process, probe.from) ?? address} (${address})`);
      if (backward && probe.receivedTtl !== 0 && hopsOfTtl(probe.receivedTtl) !== ttl) {
        process.print(` '-${hopsOfTtl(probe.receivedTtl)}'`);
      }
    }
    if (probe.receivedAt !== 0) process.print(`  ${(probe.time / 1000).toFixed(3)} ms`);
    if (probe.mark !== "") process.print(` ${probe.mark}`);
    process.flush();
  }

  /** True if the answer's sender was not named for the answer before it in the same hop. */
  #isNew(index: number): boolean {
    const { queries, backward } = this.#options;
    const probe = this.#probes[index] as Probe;
    for (let before = index - 1; before >= index - (index % queries); before--) {
      const other = this.#probes[before] as Probe;
      if (other.from === undefined) continue;
      return !other.answeredAs(probe) || (backward && other.receivedTtl !== probe.receivedTtl);
    }
    return true;
  }
}
