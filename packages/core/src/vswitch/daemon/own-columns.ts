// Columns that the daemon itself writes, or that do not concern it: a commit of nothing else does not make it reconfigure
// (ovsdb_idl_omit_alert in bridge_init of ovs-vswitchd).

import type { Commit, RowChange } from "../../ovsdb/database.ts";

const OWN: Readonly<Record<string, ReadonlySet<string>>> = {
  Open_vSwitch: new Set([
    "cur_cfg",
    "statistics",
    "datapath_types",
    "iface_types",
    "dpdk_initialized",
    "dpdk_version",
    "external_ids",
    "ovs_version",
    "db_version",
    "system_type",
    "system_version",
    "manager_options",
  ]),
  Datapath: new Set(["datapath_version", "capabilities", "external_ids"]),
  CT_Zone: new Set(["external_ids"]),
  CT_Timeout_Policy: new Set(["external_ids"]),
  Bridge: new Set(["datapath_id", "datapath_version", "status", "rstp_status", "external_ids"]),
  Port: new Set([
    "status",
    "rstp_status",
    "rstp_statistics",
    "statistics",
    "bond_active_slave",
    "external_ids",
  ]),
  Interface: new Set([
    "admin_state",
    "duplex",
    "link_speed",
    "link_state",
    "link_resets",
    "mac_in_use",
    "ifindex",
    "mtu",
    "ofport",
    "statistics",
    "status",
    "cfm_fault",
    "cfm_fault_status",
    "cfm_remote_mpids",
    "cfm_flap_count",
    "cfm_health",
    "cfm_remote_opstate",
    "bfd_status",
    "lacp_current",
    "error",
    "external_ids",
  ]),
  Controller: new Set(["is_connected", "role", "status", "external_ids"]),
  Mirror: new Set(["statistics", "external_ids"]),
  QoS: new Set(["external_ids"]),
  Queue: new Set(["external_ids"]),
};

/** Tables that it does not look at. */
const FOREIGN: ReadonlySet<string> = new Set(["Manager", "SSL"]);

export function concernsDaemon({ changes }: Commit): boolean {
  return changes.some((change) => concerns(change));
}

const NONE: ReadonlySet<string> = new Set();

/** Whether a change is of anything but the daemon's own columns and those that are named. */
export function concerns({ table: { name }, old, new: row, columns }: RowChange, but = NONE): boolean {
  if (FOREIGN.has(name)) return false;
  if (!old || !row) return true;
  const own = OWN[name] ?? NONE;
  return columns.some((column) => !own.has(column) && !but.has(column));
}
