// The loop over packets: until the source ends, enough have passed, or a signal has come.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { Killed, type Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { programName } from "./options.ts";
import type { Options } from "./options.ts";
import { SourceFault } from "./packet-source.ts";
import type { PacketFilter, PacketSource } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

/** Packets between two looks at signals and at the reader of the output. */
const BATCH = 500;
/** tcpdump's S_ERR_ND_WRITE_FILE. */
const CANNOT_WRITE = 14;

/** What is done with every packet that passes; false ends the capture. */
export type Sink = (packet: CapturedPacket, number: number) => boolean;

export type CaptureEnd =
  { readonly reason: "end" | "count" | "signal" } | { readonly reason: "fault"; readonly text: string };

export function plural(count: number): string {
  return count === 1 ? "" : "s";
}

/** The closing statistics, or those of SIGUSR1 in one line. */
export function statisticsText(
  captured: number,
  { received, dropped }: { readonly received: number; readonly dropped: number },
  separator: "\n" | ", ",
): string {
  return [
    `${captured} packet${plural(captured)} captured`,
    `${received} packet${plural(received)} received by filter`,
    `${dropped} packet${plural(dropped)} dropped by kernel\n`,
  ].join(separator);
}

export class CaptureLoop {
  readonly #process: Process;
  readonly #options: Options;
  readonly #source: PacketSource;
  readonly #filter: PacketFilter | undefined;
  readonly #sinks: readonly Sink[];
  readonly #before: number;
  #interrupted = false;
  #announced = 0;
  #announcedAt = 0;
  /** Packets that have passed here. */
  captured = 0;

  /** `before`: packets that have passed in files before this one. */
  constructor(
    process: Process,
    options: Options,
    source: PacketSource,
    filter: PacketFilter | undefined,
    sinks: readonly Sink[],
    before = 0,
  ) {
    this.#process = process;
    this.#options = options;
    this.#source = source;
    this.#filter = filter;
    this.#sinks = sinks;
    this.#before = before;
  }

  async run(): Promise<CaptureEnd> {
    const process = this.#process;
    // It ends by SIGINT even in the background of a script; of an ignored SIGHUP alone it takes note (nohup(1)).
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      if (signal !== "SIGHUP" || !process.ignores(signal))
        process.onSignal(signal, () => (this.#interrupted = true));
    }
    try {
      return { reason: await this.#loop() };
    } catch (fault) {
      if (fault instanceof SourceFault) return { reason: "fault", text: fault.text };
      if (
        (fault instanceof Killed && fault.signal === "SIGPIPE") ||
        (fault instanceof Refusal && fault.errno === ERRNO.EPIPE)
      ) {
        return this.#brokenPipe();
      }
      throw fault;
    }
  }

  /** tcpdump catches SIGPIPE; a capture file on a pipe then just ends. */
  #brokenPipe(): CaptureEnd {
    if (this.#options.writeFile !== undefined) return { reason: "signal" };
    this.#process.warn(`${programName(this.#process)}: Unable to write output: Broken pipe\n`);
    return this.#process.exit(CANNOT_WRITE);
  }

  async #loop(): Promise<"end" | "count" | "signal"> {
    const process = this.#process;
    const source = this.#source;
    const { count } = this.#options;
    const packet: CapturedPacket = {
      seconds: 0,
      fraction: 0,
      bytes: new Uint8Array(0),
      start: 0,
      captured: 0,
      length: 0,
    };
    for (let taken = 0; ;) {
      if (this.#interrupted) return "signal";
      if (count >= 0 && this.captured >= count) return "count";
      const got = source.next(packet);
      if (got === "end") return "end";
      if (got === "wait") {
        this.#announceCount();
        if (this.#options.lineBuffered || process.stdout.terminal !== undefined) process.flush();
        await source.wait?.();
        continue;
      }
      if (this.#filter === undefined || this.#filter.matches(packet)) {
        const number = this.#before + ++this.captured;
        for (const sink of this.#sinks) if (!sink(packet, number)) return "end";
        if (this.#options.lineBuffered) process.flush();
      }
      if (++taken % BATCH === 0 && (!process.stdout.ready || process.interrupted)) {
        await process.wait([process.stdout]);
      }
    }
  }

  /** -v with -w: how many there are, at most once a second. */
  #announceCount(): void {
    const { print, writeFile } = this.#options;
    if (print.verbose === 0 || writeFile === undefined || this.captured === this.#announced) return;
    const now = this.#process.monotonic();
    if (now - this.#announcedAt < SECOND) return;
    this.#announced = this.captured;
    this.#announcedAt = now;
    this.#process.warn(`Got ${this.captured}\r`);
  }
}
