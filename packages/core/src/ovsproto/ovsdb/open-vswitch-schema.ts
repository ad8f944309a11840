// The database schema of Open vSwitch 3.1 ("Open_vSwitch", vswitch.ovsschema): what ovs-vswitchd.conf.db(5) documents.

import type { Json } from "../json.ts";

const UNLIMITED = "unlimited";
const STRINGS = map("string", "string");

function column(type: Json): Json {
  return { type };
}

/** Its values need not survive a restart. */
function ephemeral(type: Json): Json {
  return { type, ephemeral: true };
}

/** Only an insertion gives it a value. */
function fixed(type: Json): Json {
  return { type, mutable: false };
}

function optional(key: Json): Json {
  return { key, min: 0, max: 1 };
}

function set(key: Json, max: number | typeof UNLIMITED = UNLIMITED): Json {
  return { key, min: 0, max };
}

function some(key: Json, max: number | typeof UNLIMITED = UNLIMITED): Json {
  return { key, min: 1, max };
}

function map(key: Json, value: Json, max: number | typeof UNLIMITED = UNLIMITED): Json {
  return { key, value, min: 0, max };
}

function oneOf(...values: readonly (string | number)[]): Json {
  return { type: typeof values[0] === "number" ? "integer" : "string", enum: ["set", values] };
}

function integer(minInteger?: number, maxInteger?: number): Json {
  return {
    type: "integer",
    ...(minInteger === undefined ? {} : { minInteger }),
    ...(maxInteger === undefined ? {} : { maxInteger }),
  };
}

/** A reference that keeps the row alive. */
function row(refTable: string): Json {
  return { type: "uuid", refTable };
}

/** A reference that goes when the row goes. */
function weak(refTable: string): Json {
  return { type: "uuid", refTable, refType: "weak" };
}

const tables: Json = {
  Open_vSwitch: {
    columns: {
      datapaths: column(map("string", row("Datapath"))),
      bridges: column(set(row("Bridge"))),
      manager_options: column(set(row("Manager"))),
      ssl: column(optional(row("SSL"))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
      next_cfg: column("integer"),
      cur_cfg: column("integer"),
      statistics: ephemeral(STRINGS),
      ovs_version: column(optional("string")),
      db_version: column(optional("string")),
      system_type: column(optional("string")),
      system_version: column(optional("string")),
      datapath_types: column(set("string")),
      iface_types: column(set("string")),
      dpdk_initialized: column("boolean"),
      dpdk_version: column(optional("string")),
    },
    isRoot: true,
    maxRows: 1,
  },
  Bridge: {
    columns: {
      name: fixed("string"),
      datapath_type: column("string"),
      datapath_version: column("string"),
      datapath_id: ephemeral(optional("string")),
      stp_enable: column("boolean"),
      rstp_enable: column("boolean"),
      mcast_snooping_enable: column("boolean"),
      ports: column(set(row("Port"))),
      mirrors: column(set(row("Mirror"))),
      netflow: column(optional(row("NetFlow"))),
      sflow: column(optional(row("sFlow"))),
      ipfix: column(optional(row("IPFIX"))),
      controller: column(set(row("Controller"))),
      protocols: column(
        set(oneOf("OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15")),
      ),
      fail_mode: column(optional(oneOf("standalone", "secure"))),
      status: ephemeral(STRINGS),
      rstp_status: ephemeral(STRINGS),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
      flood_vlans: column(set(integer(0, 4095), 4096)),
      flow_tables: column(map(integer(0, 254), row("Flow_Table"))),
      auto_attach: column(optional(row("AutoAttach"))),
    },
    indexes: [["name"]],
  },
  Port: {
    columns: {
      name: fixed("string"),
      interfaces: column(some(row("Interface"))),
      trunks: column(set(integer(0, 4095), 4096)),
      cvlans: column(set(integer(0, 4095), 4096)),
      tag: column(optional(integer(0, 4095))),
      vlan_mode: column(
        optional(oneOf("trunk", "access", "native-tagged", "native-untagged", "dot1q-tunnel")),
      ),
      qos: column(optional(row("QoS"))),
      mac: column(optional("string")),
      bond_mode: column(optional(oneOf("balance-tcp", "balance-slb", "active-backup"))),
      lacp: column(optional(oneOf("active", "passive", "off"))),
      bond_updelay: column("integer"),
      bond_downdelay: column("integer"),
      bond_active_slave: column(optional("string")),
      bond_fake_iface: column("boolean"),
      fake_bridge: column("boolean"),
      status: ephemeral(STRINGS),
      rstp_status: ephemeral(STRINGS),
      rstp_statistics: ephemeral(map("string", "integer")),
      statistics: ephemeral(map("string", "integer")),
      protected: column("boolean"),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
    },
    indexes: [["name"]],
  },
  Interface: {
    columns: {
      name: fixed("string"),
      type: column("string"),
      options: column(STRINGS),
      ingress_policing_rate: column({ key: integer(0) }),
      ingress_policing_burst: column({ key: integer(0) }),
      ingress_policing_kpkts_rate: column({ key: integer(0) }),
      ingress_policing_kpkts_burst: column({ key: integer(0) }),
      mac_in_use: ephemeral(optional("string")),
      mac: column(optional("string")),
      ifindex: ephemeral(optional(integer(0, 4294967295))),
      external_ids: column(STRINGS),
      ofport: column(optional("integer")),
      ofport_request: column(optional(integer(1, 65279))),
      bfd: column(STRINGS),
      bfd_status: ephemeral(STRINGS),
      cfm_mpid: column(optional("integer")),
      cfm_remote_mpids: ephemeral(set("integer")),
      cfm_flap_count: column(optional("integer")),
      cfm_fault: ephemeral(optional("boolean")),
      cfm_fault_status: ephemeral(set("string")),
      cfm_remote_opstate: ephemeral(optional(oneOf("up", "down"))),
      cfm_health: ephemeral(optional(integer(0, 100))),
      lacp_current: ephemeral(optional("boolean")),
      lldp: column(STRINGS),
      other_config: column(STRINGS),
      statistics: ephemeral(map("string", "integer")),
      status: ephemeral(STRINGS),
      admin_state: ephemeral(optional(oneOf("up", "down"))),
      link_state: ephemeral(optional(oneOf("up", "down"))),
      link_resets: ephemeral(optional("integer")),
      link_speed: ephemeral(optional("integer")),
      duplex: ephemeral(optional(oneOf("half", "full"))),
      mtu: ephemeral(optional("integer")),
      mtu_request: column(optional(integer(1))),
      error: column(optional("string")),
    },
    indexes: [["name"]],
  },
  Flow_Table: {
    columns: {
      name: column(optional("string")),
      flow_limit: column(optional(integer(0))),
      overflow_policy: column(optional(oneOf("refuse", "evict"))),
      groups: column(set("string")),
      prefixes: column(set("string", 3)),
      external_ids: column(STRINGS),
    },
  },
  QoS: {
    columns: {
      type: column("string"),
      queues: column(map(integer(0, 4294967295), row("Queue"))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
    },
    isRoot: true,
  },
  Queue: {
    columns: {
      dscp: column(optional(integer(0, 63))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
    },
    isRoot: true,
  },
  Mirror: {
    columns: {
      name: column("string"),
      select_all: column("boolean"),
      select_src_port: column(set(weak("Port"))),
      select_dst_port: column(set(weak("Port"))),
      select_vlan: column(set(integer(0, 4095), 4096)),
      output_port: column(optional(weak("Port"))),
      output_vlan: column(optional(integer(1, 4095))),
      snaplen: column(optional(integer(14, 65535))),
      statistics: ephemeral(map("string", "integer")),
      external_ids: column(STRINGS),
    },
  },
  NetFlow: {
    columns: {
      targets: column(some("string")),
      engine_type: column(optional(integer(0, 255))),
      engine_id: column(optional(integer(0, 255))),
      add_id_to_interface: column("boolean"),
      active_timeout: column({ key: integer(-1) }),
      external_ids: column(STRINGS),
    },
  },
  sFlow: {
    columns: {
      targets: column(some("string")),
      sampling: column(optional("integer")),
      polling: column(optional("integer")),
      header: column(optional("integer")),
      agent: column(optional("string")),
      external_ids: column(STRINGS),
    },
  },
  IPFIX: {
    columns: {
      targets: column(set("string")),
      sampling: column(optional(integer(1, 4294967295))),
      obs_domain_id: column(optional(integer(0, 4294967295))),
      obs_point_id: column(optional(integer(0, 4294967295))),
      cache_active_timeout: column(optional(integer(0, 4200))),
      cache_max_flows: column(optional(integer(0, 4294967295))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
    },
  },
  Flow_Sample_Collector_Set: {
    columns: {
      id: column({ key: integer(0, 4294967295) }),
      bridge: column({ key: row("Bridge") }),
      ipfix: column(optional(row("IPFIX"))),
      external_ids: column(STRINGS),
    },
    isRoot: true,
    indexes: [["id", "bridge"]],
  },
  Controller: {
    columns: {
      type: column(optional(oneOf("primary", "service"))),
      target: column("string"),
      max_backoff: column(optional(integer(1000))),
      inactivity_probe: column(optional("integer")),
      connection_mode: column(optional(oneOf("in-band", "out-of-band"))),
      local_ip: column(optional("string")),
      local_netmask: column(optional("string")),
      local_gateway: column(optional("string")),
      enable_async_messages: column(optional("boolean")),
      controller_queue_size: column(optional(integer(1, 512))),
      controller_rate_limit: column(optional(integer(100))),
      controller_burst_limit: column(optional(integer(25))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
      is_connected: ephemeral("boolean"),
      role: ephemeral(optional(oneOf("other", "master", "slave"))),
      status: ephemeral(STRINGS),
    },
  },
  Manager: {
    columns: {
      target: column("string"),
      max_backoff: column(optional(integer(1000))),
      inactivity_probe: column(optional("integer")),
      connection_mode: column(optional(oneOf("in-band", "out-of-band"))),
      other_config: column(STRINGS),
      external_ids: column(STRINGS),
      is_connected: ephemeral("boolean"),
      status: ephemeral(STRINGS),
    },
    indexes: [["target"]],
  },
  Datapath: {
    columns: {
      datapath_version: column("string"),
      ct_zones: column(map(integer(0, 65535), row("CT_Zone"))),
      capabilities: column(STRINGS),
      external_ids: column(STRINGS),
    },
  },
  CT_Zone: {
    columns: {
      timeout_policy: column(optional(row("CT_Timeout_Policy"))),
      external_ids: column(STRINGS),
    },
  },
  CT_Timeout_Policy: {
    columns: {
      timeouts: column(
        map(
          oneOf(
            "tcp_syn_sent",
            "tcp_syn_recv",
            "tcp_established",
            "tcp_fin_wait",
            "tcp_close_wait",
            "tcp_last_ack",
            "tcp_time_wait",
            "tcp_close",
            "tcp_syn_sent2",
            "tcp_retransmit",
            "tcp_unack",
            "udp_first",
            "udp_single",
            "udp_multiple",
            "icmp_first",
            "icmp_reply",
          ),
          integer(0, 4294967295),
        ),
      ),
      external_ids: column(STRINGS),
    },
  },
  SSL: {
    columns: {
      private_key: column("string"),
      certificate: column("string"),
      ca_cert: column("string"),
      bootstrap_ca_cert: column("boolean"),
      external_ids: column(STRINGS),
    },
    maxRows: 1,
  },
  AutoAttach: {
    columns: {
      system_name: column("string"),
      system_description: column("string"),
      mappings: column(map(integer(0, 16777215), integer(0, 4095))),
    },
  },
};

export const openVswitchSchema: Json = {
  name: "Open_vSwitch",
  version: "8.3.1",
  cksum: "3012963480 26720",
  tables,
};
