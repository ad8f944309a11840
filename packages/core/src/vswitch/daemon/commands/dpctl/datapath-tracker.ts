// The tracker of a datapath's connections as the commands of dpctl/ see it.

import type { DpifTracker, TrackerSettings } from "../../../../dpctl/dpif.ts";
import { ERRNO } from "../../../../netlink/errno.ts";
import type { TrackedConnection, Tuple } from "../../../../ovsproto/datapath/connection.ts";
import { sameTuple } from "../../../conntrack/connection-table.ts";
import type { ConnectionTable } from "../../../conntrack/connection-table.ts";
import { UserspaceTracker } from "../../../conntrack/userspace/userspace-tracker.ts";
import type { Datapath } from "../../../datapath/datapath.ts";

export class DatapathTracker implements DpifTracker {
  readonly #datapath: Datapath;
  readonly #warn: (text: string) => void;

  constructor(datapath: Datapath, warn: (text: string) => void) {
    this.#datapath = datapath;
    this.#warn = warn;
  }

  get #table(): ConnectionTable {
    return this.#datapath.conntrack;
  }

  connections(zone: number | undefined): readonly TrackedConnection[] {
    return this.#table
      .all()
      .filter((connection) => zone === undefined || connection.zone === zone)
      .map((connection) => connection.told(this.#datapath.now));
  }

  flush(zone: number | undefined): number {
    this.#table.flush((connection) => zone === undefined || connection.zone === zone);
    return 0;
  }

  forget(zone: number, original: Tuple): number {
    const count = this.#table.flush(
      (connection) => connection.zone === zone && sameTuple(connection.original, original),
    );
    if (count > 0) return 0;
    if (this.settings) this.#warn("Must flush tuple using the original pre-NATed tuple");
    return ERRNO.ENOENT;
  }

  get settings(): TrackerSettings | undefined {
    const { conntrack } = this.#datapath;
    return conntrack instanceof UserspaceTracker ? conntrack : undefined;
  }
}
