// The controller's end of a connection to a switch: hello, framing, messages.

import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { FlowMod } from "../../ovsproto/openflow/flow-mod.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { decodeMessage } from "../../ovsproto/openflow/message-decode.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { highestVersion } from "../../ovsproto/openflow/session-messages.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { readStream } from "../../system/stream-sockets.ts";
import type { Waitable } from "../../system/streams.ts";
import { readU16BE } from "../../wire/bytes.ts";
import { LearningSwitch } from "./learning-switch.ts";
import type { ControllerConfig } from "./options.ts";

const HEADER = 8;
const PROBE_INTERVAL = 60; // seconds

export class SwitchConnection {
  readonly #socket: StreamSocket;
  readonly #versions: number;
  readonly #logic: LearningSwitch;
  /** Undefined until the peer's hello has come. */
  #version: OpenFlowVersion | undefined;
  #pending = new Uint8Array();
  #xid = 0;
  readonly #now: () => number;
  /** When something has come for the last time, or the switch has been asked whether it is there; seconds. */
  #active: number;
  #probed = false;
  open = true;

  /** @param now seconds */
  constructor(socket: StreamSocket, config: ControllerConfig, flows: readonly FlowMod[], now: () => number) {
    this.#socket = socket;
    this.#now = now;
    this.#active = now();
    this.#versions = config.versions;
    this.#logic = new LearningSwitch(config, flows, now, (body, xid) => this.#send(body, xid));
    this.#send({ type: "hello", versions: config.versions, odd: false });
  }

  get readable(): Waitable {
    return this.#socket.input;
  }

  /** Does all that has come. */
  run(): void {
    while (this.open) {
      const chunk = readStream(this.#socket);
      if (chunk === undefined) return;
      if (chunk === null) return this.close();
      this.#active = this.#now();
      this.#probed = false;
      const joined = new Uint8Array(this.#pending.length + chunk.length);
      joined.set(this.#pending);
      joined.set(chunk, this.#pending.length);
      this.#pending = joined;
      this.#takeMessages();
    }
  }

  /**
   * A switch that is silent is asked whether it is there, and is left if it does not answer (lib/rconn.c). Seconds until this has to
   * be done again.
   */
  probe(): number {
    const silent = this.#now() - this.#active;
    if (!this.open || silent < PROBE_INTERVAL) return PROBE_INTERVAL - silent;
    if (this.#probed || this.#version === undefined) this.close();
    else {
      this.#probed = true;
      this.#active = this.#now();
      this.#send({ type: "echo_request", payload: new Uint8Array(0) }, 0);
    }
    return PROBE_INTERVAL;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.#socket.close();
  }

  #takeMessages(): void {
    while (this.open && this.#pending.length >= HEADER) {
      const length = readU16BE(this.#pending, 2);
      if (length < HEADER) return this.close();
      if (this.#pending.length < length) return;
      const decoded = decodeMessage(this.#pending.slice(0, length));
      this.#pending = this.#pending.slice(length);
      if (decoded instanceof OpenflowError) continue;
      const { body, xid } = decoded.message;
      if (this.#version !== undefined) this.#logic.receive(body, xid);
      else if (body.type === "hello") this.#agree(body.versions);
      else this.close();
    }
  }

  #agree(versions: number): void {
    const common = versions & this.#versions;
    if (common === 0) return this.close();
    this.#version = highestVersion(common) as OpenFlowVersion;
    this.#logic.start(this.#version);
  }

  #send(body: MessageBody, xid = ++this.#xid): void {
    if (!this.open) return;
    const version = this.#version ?? highestVersion(this.#versions);
    try {
      this.#socket.output.write(encodeMessage({ version, xid, body }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.close();
    }
  }
}
