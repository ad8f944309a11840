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

  constructor(datapath: Datapath) {
    this.#datapath = datapath;
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
    return count === 0 ? ERRNO.ENOENT : 0;
  }

  get settings(): TrackerSettings | undefined {
    const { conntrack } = this.#datapath;
    return conntrack instanceof UserspaceTracker ? conntrack : undefined;
  }
}
