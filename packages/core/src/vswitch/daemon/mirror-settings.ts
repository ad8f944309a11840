// Mirrors of a bridge (table Mirror of ovs-vswitchd.conf.db(5)).

import type { Bundle } from "../ofproto/port.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord } from "./bridge-record.ts";
import type { SwitchDaemon } from "./switchd.ts";

/** Flows that the datapath has already are not translated anew because of a mirror: they end or are idle first (as in 3.1). */
export function configureMirrors(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const { bridge } = record;
  const rows = daemon.database.follow(row, "mirrors", "Mirror");
  if (rows.length === 0 && !bridge.mirrors.any) return;
  bridge.mirrors.retain(new Set(rows.map(({ uuid }) => uuid)));
  for (const mirror of rows) configureMirror(daemon, record, mirror);
}

/** mirror_configure(): one that has nowhere to send to is not there. */
function configureMirror(daemon: SwitchDaemon, record: BridgeRecord, row: RowView): void {
  const named = (column: string): Set<Bundle> =>
    new Set(
      daemon.database
        .follow(row, column, "Port")
        .flatMap((port) => record.ports.get(port.string("name") ?? "")?.bundle ?? []),
    );
  const all = row.boolean("select_all") === true;
  const everything = new Set([...record.ports.values()].map(({ bundle }) => bundle));
  const [output] = named("output_port");
  const vlan = row.number("output_vlan");
  const outputVlan = output ? undefined : vlan;
  const what = `bridge ${record.name}: mirror ${row.string("name") ?? ""}`;
  if (output && vlan !== undefined) {
    const text = `${what} specifies both output port and output vlan; ignoring output vlan`;
    daemon.complain("err", text);
  }
  if (!output && outputVlan === undefined) {
    daemon.complain("err", `${what} does not specify output; ignoring`);
    record.bridge.mirrors.remove(row.uuid);
    return;
  }
  const vlans = row.numbers("select_vlan");
  record.bridge.mirrors.set({
    uuid: row.uuid,
    name: row.string("name") ?? "",
    sources: all ? everything : named("select_src_port"),
    destinations: all ? everything : named("select_dst_port"),
    vlans: vlans.length > 0 ? new Set(vlans) : undefined,
    output,
    outputVlan,
    snaplen: row.number("snaplen") ?? 0,
  });
}
