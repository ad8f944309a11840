// The control connection of iperf3: bytes that say what comes next, and JSON texts with their length in front (iperf_api.h,
// JSON_read, JSON_write).

import type { Process } from "../../system/process.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { readU32BE, writeU32BE } from "../../wire/bytes.ts";

export const STATE = {
  TEST_START: 1,
  TEST_RUNNING: 2,
  TEST_END: 4,
  PARAM_EXCHANGE: 9,
  CREATE_STREAMS: 10,
  SERVER_TERMINATE: 11,
  CLIENT_TERMINATE: 12,
  EXCHANGE_RESULTS: 13,
  DISPLAY_RESULTS: 14,
  IPERF_DONE: 16,
  ACCESS_DENIED: 255,
  SERVER_ERROR: 254,
} as const;

/** Bytes that a client is known by, with a zero at the end. */
export const COOKIE_LENGTH = 37;
const COOKIE_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

export function makeCookie(process: Process): string {
  return Array.from({ length: COOKIE_LENGTH - 1 }, () => COOKIE_LETTERS[process.system.random32() % 32]).join(
    "",
  );
}

/** The peer has closed, or what came is not iperf3's. */
export class ControlClosed {
  readonly text = "control socket has closed unexpectedly";
}

export class Control {
  readonly socket: StreamSocket;
  readonly #process: Process;
  #pending = new Uint8Array(0);

  constructor(process: Process, socket: StreamSocket) {
    this.#process = process;
    this.socket = socket;
  }

  get ready(): boolean {
    return this.#pending.length > 0 || this.socket.input.ready;
  }

  /** `count` bytes, once they are there. Errors: ControlClosed, Refusal. */
  async read(count: number): Promise<Uint8Array> {
    while (this.#pending.length < count) {
      const bytes = this.socket.input.read();
      if (bytes === null) throw new ControlClosed();
      if (bytes === undefined) {
        await this.#process.wait([this.socket.input]);
        continue;
      }
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      this.#pending = joined;
    }
    const taken = this.#pending.slice(0, count);
    this.#pending = this.#pending.slice(count);
    return taken;
  }

  async readState(): Promise<number> {
    return (await this.read(1))[0] ?? 0;
  }

  writeState(state: number): void {
    this.socket.output.write(Uint8Array.of(state));
  }

  async readJson(): Promise<Record<string, unknown>> {
    const length = readU32BE(await this.read(4), 0);
    const value: unknown = JSON.parse(new TextDecoder().decode(await this.read(length)));
    if (typeof value !== "object" || value === null) throw new ControlClosed();
    return value as Record<string, unknown>;
  }

  /** Length and text are two writes. */
  writeJson(value: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(value));
    const length = new Uint8Array(4);
    writeU32BE(length, 0, text.length);
    this.socket.output.write(length);
    this.socket.output.write(text);
  }
}
