// The modules whose messages the daemons' logs tell apart: what `vlog/list` of ovs-vswitchd,
// ovsdb-server and tools of 3.1 (Debian) lists.

export const LOG_MODULES: readonly string[] = (
  "backtrace bfd bond bridge bundle bundles cfm collectors command_line connmgr conntrack conntrack_tp " +
  "coverage ct_dpif daemon daemon_unix dns_resolve dpdk dpif dpif_lookup_autovalidator " +
  "dpif_lookup_generic dpif_mfex_extract_study dpif_netdev dpif_netdev_extract dpif_netdev_impl " +
  "dpif_netdev_lookup dpif_netlink dpif_netlink_rtnl entropy fail_open fatal_signal flow hmap in_band " +
  "ipf ipfix jsonrpc lacp lldp lldpd lldpd_structs lockfile memory meta_flow native_tnl netdev " +
  "netdev_afxdp netdev_dummy netdev_linux netdev_offload netdev_offload_tc netdev_vport netflow " +
  "netlink netlink_conntrack netlink_notifier netlink_socket nx_match odp_execute odp_execute_impl " +
  "odp_util ofp_actions ofp_bundle ofp_connection ofp_errors ofp_flow ofp_group ofp_match ofp_meter " +
  "ofp_monitor ofp_msgs ofp_packet ofp_port ofp_protocol ofp_queue ofp_table ofp_util ofproto " +
  "ofproto_dpif ofproto_dpif_mirror ofproto_dpif_monitor ofproto_dpif_rid ofproto_dpif_upcall " +
  "ofproto_dpif_xlate ofproto_xlate_cache ovs_lldp ovs_numa ovs_rcu ovs_replay ovs_router ovs_thread ovsdb_cs " +
  "ovsdb_error ovsdb_idl ox_stat pcap pmd_perf poll_loop process rconn reconnect route_table rstp " +
  "rstp_sm sflow sha1 signals socket_util socket_util_unix stp stream stream_fd stream_replay " +
  "stream_ssl stream_tcp stream_unix svec system_stats tc timeval tunnel unixctl userspace_tso util " +
  "uuid vconn vconn_stream vlog vswitchd"
).split(" ");

export const SERVER_LOG_MODULES: readonly string[] = (
  "backtrace bundle command_line conntrack conntrack_tp coverage ct_dpif daemon daemon_unix " +
  "dns_resolve dpdk dpif dpif_lookup_autovalidator dpif_lookup_generic dpif_mfex_extract_study " +
  "dpif_netdev dpif_netdev_extract dpif_netdev_impl dpif_netdev_lookup dpif_netlink " +
  "dpif_netlink_rtnl entropy fatal_signal flow hmap ipf jsonrpc lockfile memory meta_flow " +
  "native_tnl netdev netdev_afxdp netdev_linux netdev_offload netdev_offload_tc netdev_vport " +
  "netlink netlink_conntrack netlink_notifier netlink_socket nx_match odp_execute odp_execute_impl " +
  "odp_util ofp_actions ofp_bundle ofp_connection ofp_errors ofp_flow ofp_group ofp_match ofp_meter " +
  "ofp_monitor ofp_msgs ofp_packet ofp_port ofp_protocol ofp_queue ofp_table ofp_util ovs_numa " +
  "ovs_rcu ovs_replay ovs_router ovs_thread ovsdb ovsdb_cs ovsdb_error ovsdb_file ovsdb_idl " +
  "ovsdb_jsonrpc_server ovsdb_log ovsdb_monitor ovsdb_rbac ovsdb_server ovsdb_util ox_stat pmd_perf " +
  "poll_loop process raft raft_rpc reconnect relay replication route_table sha1 signals socket_util " +
  "socket_util_unix storage stream stream_fd stream_replay stream_ssl stream_tcp stream_unix svec " +
  "tc timeval transaction transaction_forward trigger unixctl userspace_tso util uuid vlog"
).split(" ");

/** What all tools have. */
const TOOL_MODULES = (
  "backtrace bundle command_line conntrack conntrack_tp coverage ct_dpif daemon daemon_unix dns_resolve " +
  "dpdk dpif dpif_lookup_autovalidator dpif_lookup_generic dpif_mfex_extract_study dpif_netdev " +
  "dpif_netdev_extract dpif_netdev_impl dpif_netdev_lookup dpif_netlink dpif_netlink_rtnl entropy " +
  "fatal_signal flow hmap ipf jsonrpc lockfile meta_flow native_tnl netdev netdev_afxdp netdev_linux " +
  "netdev_offload netdev_offload_tc netdev_vport netlink netlink_conntrack netlink_notifier " +
  "netlink_socket nx_match odp_execute odp_execute_impl odp_util ofp_actions ofp_bundle ofp_connection " +
  "ofp_errors ofp_flow ofp_group ofp_match ofp_meter ofp_monitor ofp_msgs ofp_packet ofp_port " +
  "ofp_protocol ofp_queue ofp_table ofp_util ovs_numa ovs_rcu ovs_replay ovs_router ovs_thread ovsdb_cs " +
  "ovsdb_error ovsdb_idl ox_stat pmd_perf poll_loop process reconnect route_table sha1 signals " +
  "socket_util socket_util_unix stream stream_fd stream_replay stream_ssl stream_tcp stream_unix svec " +
  "tc timeval unixctl userspace_tso util uuid vlog"
).split(" ");

function withModules(more: string): readonly string[] {
  return [...TOOL_MODULES, ...more.split(" ")].sort((a, b) => (a < b ? -1 : 1));
}

export const APPCTL_LOG_MODULES: readonly string[] = TOOL_MODULES;
export const DPCTL_LOG_MODULES = TOOL_MODULES.filter(
  (name) => !["daemon", "daemon_unix", "lockfile", "process"].includes(name),
);
export const OFCTL_LOG_MODULES = withModules("ofctl pcap vconn vconn_stream");
export const CONTROLLER_LOG_MODULES = withModules("controller learning_switch rconn vconn vconn_stream");
export const VSCTL_LOG_MODULES = withModules("db_ctl_base table vconn vconn_stream vsctl");
export const CLIENT_LOG_MODULES = withModules(
  "ovsdb ovsdb_client ovsdb_file ovsdb_jsonrpc_server ovsdb_log ovsdb_monitor ovsdb_rbac ovsdb_util raft raft_rpc storage transaction transaction_forward trigger",
);
