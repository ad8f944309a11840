// Settings of a bundle: its ports and VLANs (table Port of ovs-vswitchd.conf.db(5), port_configure of ovs-vswitchd).

import { formatMac } from "../../wire/mac.ts";
import type { BundleSettings, OfPort, PriorityTags, VlanMode } from "../ofproto/port.ts";
import type { RowValues } from "../ovsdb/local-client.ts";
import type { RowView } from "../ovsdb/value.ts";
import type { BridgeRecord, PortRecord } from "./bridge-record.ts";
import { configureBond, configureLacp } from "./bond-settings.ts";
import { configureQueues } from "./queue-settings.ts";
import type { SwitchDaemon } from "./switchd.ts";

export function configureBundle(
  daemon: SwitchDaemon,
  record: BridgeRecord,
  port: PortRecord,
  row: RowView,
  members: readonly OfPort[],
  note: (table: string, uuid: string, values: RowValues) => void,
): void {
  const { bundle } = port;
  const { bridge } = record;
  const sameMembers =
    bundle.ports.length === members.length && members.every((member) => bundle.ports.includes(member));
  if (!sameMembers) {
    bundle.ports.splice(0, bundle.ports.length, ...members);
    for (const member of members) member.bundle = bundle;
    bridge.backer.revalidate();
  }
  if (port.settingsOf !== row.row) {
    port.settingsOf = row.row;
    const before = bundle.settings;
    bundle.settings = vlanSettings(row);
    if (describe(bundle.settings) !== describe(before)) {
      // bundle_flush_macs(): what was learned there may be wrong now
      bridge.macTable.flush((entry) => entry.bundle === bundle);
      bridge.snooping?.forget(bundle);
      bridge.backer.revalidate();
    }
  }
  if (row.string("vlan_mode") === undefined && bundle.settings.vlanMode === "access") {
    const what = `port ${bundle.name}: ignoring trunks in favor of implicit vlan`;
    if (row.numbers("trunks").length > 0) daemon.complain("warn", what);
  }
  configureQueues(daemon, row, members);
  configureLacp(daemon, record, port, row);
  configureBond(daemon, record, port, row);
  if (bundle.bond) {
    const active = bundle.bond.active?.port;
    const text = formatMac(active?.device?.address ?? active?.address ?? 0);
    if (row.string("bond_active_slave") !== text) note("Port", row.uuid, { bond_active_slave: text });
  }
}

function describe(settings: BundleSettings): string {
  const { trunks, cvlans } = settings;
  return JSON.stringify({ ...settings, trunks: [...(trunks ?? [-1])], cvlans: [...(cvlans ?? [-1])] });
}

/** Without a mode, a tag makes an access port and none a trunk. */
function vlanSettings(row: RowView): BundleSettings {
  const tag = row.number("tag");
  const trunks = row.numbers("trunks");
  const cvlans = row.numbers("cvlans");
  const given = row.string("vlan_mode") as VlanMode | undefined;
  const vlanMode: VlanMode = given ?? (tag !== undefined ? "access" : "trunk");
  const priority = row.entry("other_config", "priority-tags");
  const priorityTags: PriorityTags =
    priority === "true" || priority === "if-nonzero"
      ? "if-nonzero"
      : priority === "always"
        ? "always"
        : "never";
  const carried =
    vlanMode === "access" || vlanMode === "dot1q-tunnel" || trunks.length === 0 ? undefined : new Set(trunks);
  // A native VLAN is carried even if it is not among the trunks.
  if (vlanMode.startsWith("native") && tag) carried?.add(tag);
  return {
    vlanMode,
    vlan: vlanMode === "trunk" ? 0 : (tag ?? 0),
    trunks: carried,
    cvlans: vlanMode === "dot1q-tunnel" && cvlans.length > 0 ? new Set(cvlans) : undefined,
    qinqEthertype: row.entry("other_config", "qinq-ethtype") === "802.1q" ? 0x8100 : 0x88a8,
    priorityTags,
    protected: row.boolean("protected") === true,
  };
}
