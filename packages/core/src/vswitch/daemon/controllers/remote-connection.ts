// A connection to an OpenFlow controller that is made again and again (Open vSwitch's lib/rconn.c): backoff between
// attempts, probes while the controller is silent, and what is told about it in the database.

import { strerror } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import type { StreamSocket } from "../../../system/stream-sockets.ts";
import type { Timer } from "../../../system/system.ts";
import type { DaemonHost } from "../host.ts";
import type { PacketInQueue } from "./packet-in-queue.ts";
import type { ControllerLink } from "../../ofproto/openflow/controller-link.ts";

/** As the column `status` names them. */
export type RemoteState = "BACKOFF" | "CONNECTING" | "ACTIVE" | "IDLE";

/** Seconds. */
export interface RemoteTimes {
  /** 0: no probes. */
  probeInterval: number;
  maxBackoff: number;
}

/** A controller that has been silent so long after it connected counts as having accepted us, seconds. */
const ADMITTED_AFTER = 30;

export class RemoteConnection {
  readonly name: string;
  readonly #host: DaemonHost;
  readonly #open: () => StreamSocket;
  readonly #attach: (socket: StreamSocket) => ControllerLink;
  readonly times: RemoteTimes;
  /** Limits what the controller is sent, if that is asked for. */
  packetIns: PacketInQueue | undefined = undefined;
  #state: RemoteState = "BACKOFF";
  #timer: Timer | undefined;
  #backoff = 0;
  /** Nanoseconds. */
  #backoffDeadline = 0;
  #lastActivity = 0;
  #lastAdmitted: number;
  #admitted = false;
  #closed = false;
  link: ControllerLink | undefined = undefined;
  lastError: string | undefined = undefined;
  lastConnected: number | undefined = undefined;
  lastDisconnected: number | undefined = undefined;
  /** Something has come that only a controller that accepts us sends. */
  onAdmitted: () => void = () => {};

  constructor(
    name: string,
    times: RemoteTimes,
    host: DaemonHost,
    open: () => StreamSocket,
    attach: (socket: StreamSocket) => ControllerLink,
  ) {
    this.name = name;
    this.times = times;
    this.#host = host;
    this.#open = open;
    this.#attach = attach;
    this.#lastAdmitted = host.monotonic();
    this.#reconnect();
  }

  get state(): RemoteState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#state === "ACTIVE" || this.#state === "IDLE";
  }

  get admitted(): boolean {
    return this.connected && this.#admitted;
  }

  /** rconn_failure_duration(), seconds. */
  get failureDuration(): number {
    return this.admitted ? 0 : this.#seconds(this.#host.monotonic() - this.#lastAdmitted);
  }

  #seconds(duration: number): number {
    return Math.floor(duration / 1e9);
  }

  #log(level: "info" | "warn", text: string): void {
    this.#host.vlog.log("rconn", level, `${this.name}: ${text}`);
  }

  get #logsAttempts(): boolean {
    return this.#backoff < this.times.maxBackoff;
  }

  #wait(seconds: number, fire: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#host.after(seconds * 1e9, fire);
  }

  #reconnect(): void {
    if (this.#closed) return;
    if (this.#logsAttempts) this.#log("info", "connecting...");
    this.#backoffDeadline = this.#host.monotonic() + this.#backoff * 1e9;
    this.#state = "CONNECTING";
    let socket: StreamSocket;
    try {
      socket = this.#open();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(strerror(error.errno));
      return;
    }
    this.#wait(Math.max(1, this.#backoff), () => {
      this.#log("info", "connection timed out");
      this.#backoffDeadline = Infinity; // no reset of the backoff
      this.#drop("Connection timed out");
    });
    const link = this.#attach(socket);
    this.link = link;
    link.schedulePacketIn = (event, send) => (this.packetIns ? this.packetIns.send(event, send) : send());
    link.onNegotiated = () => this.#connected();
    link.onActivity = (admits) => this.#active(admits);
    link.onClosed = () => {
      if (this.link === link) this.#closedByPeer(link.connection.failure);
    };
  }

  #connected(): void {
    this.#log("info", "connected");
    const now = this.#host.monotonic();
    this.#state = "ACTIVE";
    this.lastConnected = now;
    this.#lastActivity = now;
    this.#admitted = false;
    this.#watch();
  }

  /** Waits for silence. */
  #watch(): void {
    this.#timer?.cancel();
    const { probeInterval } = this.times;
    if (probeInterval === 0) return;
    const silent = this.#host.monotonic() - this.#lastActivity;
    this.#wait(Math.max(0, probeInterval - silent / 1e9), () => {
      const idle = this.#host.monotonic() - this.#lastActivity;
      if (idle < probeInterval * 1e9) {
        this.#watch();
        return;
      }
      this.#host.vlog.log(
        "rconn",
        "dbg",
        `${this.name}: idle ${this.#seconds(idle)} seconds, sending inactivity probe`,
      );
      this.#state = "IDLE";
      this.link?.probe();
      this.#wait(probeInterval, () => {
        this.#host.vlog.log(
          "rconn",
          "warn",
          `${this.name}: no response to inactivity probe after ${probeInterval} seconds, disconnecting`,
        );
        this.#drop("Connection timed out");
      });
    });
  }

  #active(admits: boolean): void {
    if (!this.connected) return;
    const now = this.#host.monotonic();
    this.#lastActivity = now;
    if (admits || this.#admitted || now - (this.lastConnected ?? now) >= ADMITTED_AFTER * 1e9) {
      this.#admitted = true;
      this.#lastAdmitted = now;
      this.onAdmitted();
    }
    if (this.#state === "IDLE") {
      this.#state = "ACTIVE";
      this.#watch();
    }
  }

  #closedByPeer(failure: string): void {
    if (this.#state === "CONNECTING") {
      this.#fail(failure);
      return;
    }
    if (failure === "End of file") this.#log("info", "connection closed by peer");
    else this.#log("warn", `connection dropped (${failure})`);
    this.#disconnect(failure);
  }

  #fail(failure: string): void {
    this.#log("warn", `connection failed (${failure})`);
    this.#disconnect(failure);
  }

  #drop(failure: string): void {
    const { link } = this;
    this.link = undefined;
    link?.connection.close();
    this.#disconnect(failure);
  }

  /** disconnect() of rconn.c: the next attempt waits. */
  #disconnect(failure: string | undefined): void {
    if (this.#closed) return;
    this.lastError = failure;
    const now = this.#host.monotonic();
    if (this.connected) this.lastDisconnected = now;
    this.link = undefined;
    const { maxBackoff } = this.times;
    if (now >= this.#backoffDeadline) this.#backoff = 1;
    else if (this.#backoff < maxBackoff / 2) this.#backoff = Math.max(1, 2 * this.#backoff);
    else {
      if (this.#logsAttempts) {
        this.#log(
          "info",
          "continuing to retry connections in the background but suppressing further logging",
        );
      }
      this.#backoff = maxBackoff;
    }
    if (this.#logsAttempts) this.#log("info", `waiting ${this.#backoff} seconds before reconnect`);
    this.#backoffDeadline = now + this.#backoff * 1e9;
    this.#state = "BACKOFF";
    this.#wait(this.#backoff, () => this.#reconnect());
  }

  /** rconn_reconnect(): ends the connection, to make it anew. */
  reconnect(): void {
    if (!this.connected) return;
    this.#log("info", "disconnecting");
    const { link } = this;
    this.link = undefined;
    link?.connection.close();
    this.#disconnect(undefined);
  }

  /** Column `status` of the database. */
  status(): Record<string, string> {
    const now = this.#host.monotonic();
    const ago = (then: number) => String(this.#seconds(now) - this.#seconds(then));
    return {
      ...(this.lastError === undefined ? {} : { last_error: this.lastError }),
      state: this.#state,
      ...(this.lastConnected === undefined ? {} : { sec_since_connect: ago(this.lastConnected) }),
      ...(this.lastDisconnected === undefined ? {} : { sec_since_disconnect: ago(this.lastDisconnected) }),
    };
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.packetIns?.close();
    const { link } = this;
    this.link = undefined;
    link?.connection.close();
  }
}
