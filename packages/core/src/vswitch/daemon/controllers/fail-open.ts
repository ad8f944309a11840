// Fail-open: a bridge that has lost its controllers forwards as a learning switch until one accepts it again (Open vSwitch's
// ofproto/fail-open.c).

import { Match } from "../../../ovsproto/openflow/match.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import type { Bridge } from "../../ofproto/bridge.ts";
import type { Rule } from "../../ofproto/rule.ts";
import { REMOVED_REASON } from "../../ofproto/flow-tables.ts";
import { NO_FLAGS } from "../../ofproto/rule.ts";
import type { DaemonHost } from "../host.ts";
import type { RemoteConnection } from "./remote-connection.ts";

/** FAIL_OPEN_PRIORITY, above what OpenFlow can say. */
const PRIORITY = 0xf0f0f0;
/** Seconds between messages that it is still so. */
const REMINDER = 60;
/** Between packets that a connected controller is sent to find out whether it accepts us, nanoseconds. */
const BOGUS_PACKET_INTERVAL = 2e9;

export class FailOpen {
  readonly #bridge: Bridge;
  readonly #host: DaemonHost;
  readonly #remotes: () => readonly RemoteConnection[];
  #rule: Rule | undefined;
  #told = 0;
  #nextBogusPacket = Infinity;

  constructor(bridge: Bridge, host: DaemonHost, remotes: () => readonly RemoteConnection[]) {
    this.#bridge = bridge;
    this.#host = host;
    this.#remotes = remotes;
  }

  get active(): boolean {
    return this.#rule !== undefined;
  }

  /** fail_open_run(), once a second. */
  run(): void {
    const remotes = this.#remotes();
    if (remotes.length === 0) return;
    const lost = Math.min(...remotes.map(({ failureDuration }) => failureDuration));
    const probe = Math.max(0, ...remotes.map(({ times }) => times.probeInterval));
    const trigger = (probe || 5) * 3;
    const { vlog } = this.#host;
    if (lost >= trigger) {
      if (!this.active) {
        vlog.log(
          "fail_open",
          "warn",
          "Could not connect to controller (or switch failed controller's post-connection admission control " +
            `policy) for ${lost} seconds, failing open`,
        );
        this.#told = lost;
        this.#enter();
      } else if (lost > this.#told + REMINDER) {
        vlog.log(
          "fail_open",
          "info",
          `Still in fail-open mode after ${lost} seconds disconnected from controller`,
        );
        this.#told = lost;
      }
    }
    if (this.active) this.#askForAdmission(remotes);
  }

  #enter(): void {
    this.#bridge.flush();
    this.addFlow();
    this.#bridge.backer.revalidate();
  }

  /** fail_open_flushed(): the flow stands when all others have gone. */
  addFlow(): void {
    this.#rule = this.#bridge.tables.add(0, {
      match: new Match(),
      priority: PRIORITY,
      actions: [{ type: "output", port: Port.NORMAL, maxLength: 0 }],
      cookie: 0n,
      idleTimeout: 0,
      hardTimeout: 0,
      importance: 0,
      flags: NO_FLAGS,
    });
  }

  #askForAdmission(remotes: readonly RemoteConnection[]): void {
    const connected = remotes.filter((remote) => remote.connected);
    if (connected.length === 0) {
      this.#nextBogusPacket = Infinity;
      return;
    }
    const now = this.#host.monotonic();
    const due = now >= this.#nextBogusPacket;
    if (due) for (const { link } of connected) link?.sendBogusPacketIn();
    if (due || this.#nextBogusPacket === Infinity) this.#nextBogusPacket = now + BOGUS_PACKET_INTERVAL;
  }

  /** fail_open_maybe_recover(): a controller has accepted us. */
  recover(): void {
    if (!this.#rule) return;
    this.#host.vlog.log("fail_open", "warn", "No longer in fail-open mode");
    this.#bridge.tables.remove(this.#rule, REMOVED_REASON.DELETE);
    this.#rule = undefined;
  }

  /** fail_open_destroy() */
  close(): void {
    this.recover();
  }
}
