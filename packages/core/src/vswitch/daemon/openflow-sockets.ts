// The OpenFlow sockets of a bridge: BRIDGE.mgmt, where tools ask and change, and BRIDGE.snoop, which shows what goes over the
// connections to controllers.

import type { StreamSocket } from "../../system/stream-sockets.ts";
import type { RowView } from "../ovsdb/value.ts";
import { OfConnection } from "../ofproto/openflow/connection.ts";
import { ControllerLink } from "../ofproto/openflow/controller-link.ts";
import type { LinkKind } from "../ofproto/openflow/controller-link.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchHost } from "./host.ts";

/** Versions 1.0 to 1.5. */
const ALL_VERSIONS = 0x7e;
const VERSION_BITS: Readonly<Record<string, number>> = {
  OpenFlow10: 1 << 1,
  OpenFlow11: 1 << 2,
  OpenFlow12: 1 << 3,
  OpenFlow13: 1 << 4,
  OpenFlow14: 1 << 5,
  OpenFlow15: 1 << 6,
};
const SOCKET_MODE = 0o750;

/** Column `protocols`; empty means all. */
export function allowedVersions(row: RowView | undefined): number {
  const bits = (row?.strings("protocols") ?? []).reduce((sum, name) => sum | (VERSION_BITS[name] ?? 0), 0);
  return bits === 0 ? ALL_VERSIONS : bits;
}

export class BridgeSockets {
  readonly #host: SwitchHost;
  readonly #record: BridgeRecord;
  readonly #row: () => RowView | undefined;
  readonly #ends: (() => void)[];
  readonly links = new Set<ControllerLink>();

  constructor(host: SwitchHost, directory: string, record: BridgeRecord, row: () => RowView | undefined) {
    this.#host = host;
    this.#record = record;
    this.#row = row;
    this.#ends = [
      host.serve(`${directory}/${record.name}.mgmt`, SOCKET_MODE, (socket) => this.accept(socket, "service")),
      host.serve(`${directory}/${record.name}.snoop`, SOCKET_MODE, (socket) => socket.close()),
    ];
  }

  accept(socket: StreamSocket, kind: LinkKind, closed: () => void = () => {}): ControllerLink {
    const made = new ControllerLink(
      this.#record.bridge,
      (owner) => new OfConnection(socket, (fire) => this.#host.after(0, fire), owner),
      allowedVersions(this.#row()),
      kind,
    );
    made.onClosed = () => {
      this.links.delete(made);
      closed();
    };
    made.onMaster = () => {
      for (const other of this.links) if (other !== made) other.demote();
    };
    this.links.add(made);
    return made;
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const link of [...this.links]) link.connection.close();
  }
}
