// One probe of tracepath after the other, and what the error queue says about them.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket, ReceivedError } from "../../system/sockets.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import { readU32LE, writeU32LE } from "../../wire/bytes.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { hostName, numericName } from "../resolver/hosts.ts";

/** What a probe says: hops (u32, padded to 8 bytes), then when it was sent (seconds and nanoseconds, 64 bits each). */
const PROBE_HEADER = 24;
/** Probes that are remembered by their ports. */
const HISTORY = 64;
const SEND_TRIES = 10;
const HOST_COLUMN = 52;

export interface PathSettings {
  /** Bytes of headers. */
  readonly overhead: number;
  readonly length: number;
  readonly port: number;
  readonly numeric: boolean;
  readonly both: boolean;
}

export type ProbeResult = "end" | "progress" | "silence";

interface Sent {
  /** 0: answered, or never sent. */
  hops: number;
  at: Nanoseconds;
}

export class PathProbe {
  mtu: number;
  hopsTo = -1;
  hopsFrom = -1;
  readonly #process: Process;
  readonly #socket: InetSocket;
  readonly #host: ResolvedHost;
  readonly #settings: PathSettings;
  readonly #history: Sent[] = Array.from({ length: HISTORY }, () => ({ hops: 0, at: 0 }));
  #slot = 0;

  constructor(process: Process, socket: InetSocket, host: ResolvedHost, settings: PathSettings) {
    this.#process = process;
    this.#socket = socket;
    this.#host = host;
    this.#settings = settings;
    this.mtu = settings.length;
  }

  setTtl(ttl: number): void {
    this.#socket.setOption(this.#host.family === "inet" ? "IP_TTL" : "IPV6_UNICAST_HOPS", ttl);
  }

  /** Sends a probe and reports what comes back within a second. */
  async run(ttl: number): Promise<ProbeResult> {
    const sent = this.#send(ttl);
    if (sent !== undefined) return sent;
    this.#slot = (this.#slot + 1) % HISTORY;
    const until = this.#process.monotonic() + SECOND;
    await this.#process.wait([this.#socket], until - this.#process.monotonic());
    try {
      if (this.#socket.receive() !== undefined) {
        this.#process.print(`${String(ttl).padStart(2)}?: reply received 8)\n`);
        return "end";
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    return this.#readErrors(ttl);
  }

  /** Undefined once the probe is on its way. */
  #send(ttl: number): ProbeResult | undefined {
    const { port, overhead } = this.#settings;
    for (let tries = 0; tries < SEND_TRIES; tries++) {
      const bytes = new Uint8Array(this.mtu - overhead);
      const now = this.#process.monotonic();
      if (bytes.length >= PROBE_HEADER) {
        writeU32LE(bytes, 0, ttl);
        writeU32LE(bytes, 8, Math.floor(now / SECOND));
        writeU32LE(bytes, 16, now % SECOND);
      }
      const entry = this.#history[this.#slot] as Sent;
      entry.hops = ttl;
      entry.at = now;
      const { address, scope } = this.#host;
      try {
        this.#socket.sendTo(bytes, { address, scope, port: port + this.#slot });
        return undefined;
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
      }
      const result = this.#readErrors(ttl);
      entry.hops = 0;
      if (result === "end") return "end";
      if (result === "progress") tries = -1;
    }
    this.#slot = (this.#slot + 1) % HISTORY;
    this.#process.print(`${String(ttl).padStart(2)}:  send failed\n`);
    return "end";
  }

  #readErrors(ttl: number): ProbeResult {
    let result: ProbeResult = "silence";
    for (let error = this.#socket.receiveError(); error; error = this.#socket.receiveError()) {
      if (this.#report(ttl, error)) return "end";
      result = "progress";
    }
    return result;
  }

  /** Prints the line of one error; true if it is the last one. */
  #report(ttl: number, error: ReceivedError): boolean {
    const process = this.#process;
    const { hops, sentAt, broken } = this.#probeOf(error);
    const place = String(ttl).padStart(2);
    if (error.origin === "local") process.print(`${place}?: ${"[LOCALHOST]".padEnd(32)} `);
    else {
      process.print(hops > 0 ? `${String(hops).padStart(2)}:  ` : `${place}?: `);
      process.print(this.#hostColumn(error));
    }
    if (sentAt !== undefined) {
      const micros = Math.trunc((process.monotonic() - sentAt) / 1000);
      const millis = String(Math.trunc(micros / 1000)).padStart(3);
      process.print(`${millis}.${String(micros % 1000).padStart(3, "0")}ms `);
      if (broken) process.print("(This broken router returned corrupted payload) ");
    }
    const back = error.ttl === undefined ? -1 : hopsBack(error.ttl);
    return this.#verdict(ttl, error, hops, back);
  }

  /** Which probe an error is about: by the payload that came back, else by the port. */
  #probeOf(error: ReceivedError): {
    readonly hops: number;
    readonly sentAt: Nanoseconds | undefined;
    readonly broken: boolean;
  } {
    const entry = this.#history[error.to.port - this.#settings.port];
    let hops = -1;
    let sentAt: Nanoseconds | undefined;
    if (entry !== undefined && entry.hops > 0) {
      ({ hops, at: sentAt } = entry);
      entry.hops = 0;
    }
    const { bytes } = error;
    if (bytes.length < PROBE_HEADER) return { hops, sentAt, broken: false };
    const quotedHops = readU32LE(bytes, 0);
    const quotedSecond = readU32LE(bytes, 8);
    if (quotedHops === 0 || quotedSecond === 0) return { hops, sentAt, broken: true };
    return { hops: quotedHops, sentAt: quotedSecond * SECOND + readU32LE(bytes, 16), broken: false };
  }

  #hostColumn({ offender, to }: ReceivedError): string {
    const { numeric, both } = this.#settings;
    const address = offender ?? to.address;
    const text = numericName(this.#process, { address });
    const name = numeric && !both ? text : (hostName(this.#process, address) ?? "???");
    const [first, second] = numeric ? [text, name] : [name, text];
    const shown = both ? `${first} (${second})` : first;
    return shown + " ".repeat(Math.max(1, HOST_COLUMN - shown.length));
  }

  /** The rest of the line; true if nothing lies behind. */
  #verdict(ttl: number, error: ReceivedError, hops: number, back: number): boolean {
    const process = this.#process;
    switch (error.errno) {
      case ERRNO.ETIMEDOUT:
        process.print("\n");
        return false;
      case ERRNO.EMSGSIZE:
        process.print(`pmtu ${error.info}\n`);
        this.mtu = error.info;
        return false;
      case ERRNO.ECONNREFUSED:
        process.print("reached\n");
        this.hopsTo = hops < 0 ? ttl : hops;
        this.hopsFrom = back;
        return true;
      case ERRNO.EHOSTUNREACH:
        if (!isTimeExceeded(error)) break;
        if (back >= 0 && back !== (hops >= 0 ? hops : ttl)) {
          process.print(`asymm ${String(back).padStart(2)} `);
        }
        process.print("\n");
        return false;
    }
    const mark = MARKS[error.errno];
    process.print(mark === undefined ? "\n" : `${mark}\n`);
    process.flush();
    if (mark === undefined) process.warn(`NET ERROR: ${strerror(error.errno)}\n`);
    return true;
  }
}

const MARKS: Readonly<Record<number, string>> = {
  [ERRNO.EPROTO]: "!P",
  [ERRNO.EHOSTUNREACH]: "!H",
  [ERRNO.ENETUNREACH]: "!N",
  [ERRNO.EACCES]: "!A",
};

/** Time to live (RFC 792) or hop limit (RFC 4443) exceeded in transit. */
function isTimeExceeded({ origin, type, code }: ReceivedError): boolean {
  return code === 0 && ((origin === "icmp" && type === 11) || (origin === "icmp6" && type === 3));
}

/** How far away a sender is whose packets start with a TTL of 64, 128 or 255. */
function hopsBack(ttl: number): number {
  if (ttl <= 64) return 65 - ttl;
  return ttl <= 128 ? 129 - ttl : 256 - ttl;
}
