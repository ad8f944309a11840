// How many flows a connection has changed, for the log (ofconn_report_flow_mod of connmgr.c).

import type { FlowModCommand } from "../../ofproto/openflow/controller-link.ts";
import type { DaemonHost } from "../host.ts";

/** Between reports of a busy connection, nanoseconds. */
const INTERVAL = 10e9;
const PAUSE = 60e9;

export class FlowModReport {
  readonly #host: DaemonHost;
  readonly #name: string;
  #adds = 0;
  #deletes = 0;
  #modifications = 0;
  #first = 0;
  #last = 0;
  #next = Infinity;
  #pause = 0;

  constructor(host: DaemonHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  count(command: FlowModCommand): void {
    const now = this.#host.monotonic();
    if (now >= this.#next) this.write();
    if (this.#next === Infinity) {
      this.#first = now;
      this.#next = Math.max(now + INTERVAL, this.#pause);
      this.#pause = this.#next + PAUSE;
    }
    this.#last = now;
    if (command === "add") this.#adds++;
    else if (command.startsWith("delete")) this.#deletes++;
    else this.#modifications++;
  }

  /** ofconn_log_flow_mods() */
  write(): void {
    const all = this.#adds + this.#deletes + this.#modifications;
    if (all === 0) return;
    const ago = Math.floor((this.#host.monotonic() - this.#first) / 1e9);
    const interval = Math.floor((this.#last - this.#first) / 1e9);
    const when = interval === ago ? `in the last ${ago} s` : `in the ${interval} s starting ${ago} s ago`;
    const parts = [
      ...(this.#adds > 0 ? [`${this.#adds} adds`] : []),
      ...(this.#deletes > 0 ? [`${this.#deletes} deletes`] : []),
      ...(this.#modifications > 0 ? [`${this.#modifications} modifications`] : []),
    ];
    this.#host.vlog.log("connmgr", "info", `${this.#name}: ${all} flow_mods ${when} (${parts.join(", ")})`);
    this.#adds = this.#deletes = this.#modifications = 0;
    this.#next = Infinity;
  }
}
