// Names of OpenFlow 1.0 (OpenFlow Switch Specification 1.0.0).

import { NameTable } from "../names.ts";

/** A table of names for consecutive bits; - leaves one out. */
export function bitTable(names: string): NameTable {
  return new NameTable(
    names.split(" ").flatMap((name, bit): [number, string][] => (name === "-" ? [] : [[2 ** bit, name]])),
  );
}

/** The bits above the lowest `count`. */
export function above(count: number): number {
  return ~(2 ** count - 1);
}

export function list(names: string): readonly string[] {
  return names.split(" ");
}

export const PORT_CONFIG = bitTable("PORT_DOWN NO_STP NO_RECV NO_RECV_STP NO_FLOOD NO_FWD NO_PACKET_IN");
export const STP_STATES = list("STP_LISTEN STP_LEARN STP_FORWARD STP_BLOCK");
export const PORTS: Readonly<Record<number, string>> = {
  0xff00: "MAX", 0xfff8: "IN_PORT", 0xfff9: "TABLE", 0xfffa: "NORMAL", 0xfffb: "FLOOD", 0xfffc: "ALL",
  0xfffd: "CONTROLLER", 0xfffe: "LOCAL", 0xffff: "NONE",
}; // prettier-ignore
export const PORT_FEATURES = bitTable(
  "10MB_HD 10MB_FD 100MB_HD 100MB_FD 1GB_HD 1GB_FD 10GB_FD COPPER FIBER AUTONEG PAUSE PAUSE_ASYM",
);
export const QUEUE_PROPERTIES = list("NONE MIN_RATE");
/** The prefix lengths at bits 8 to 19 are not here. */
export const WILDCARDS = new NameTable([
  [0x01, "IN_PORT"],
  [0x02, "DL_VLAN"],
  [0x04, "DL_SRC"],
  [0x08, "DL_DST"],
  [0x10, "DL_TYPE"],
  [0x20, "NW_PROTO"],
  [0x40, "TP_SRC"],
  [0x80, "TP_DST"],
  [0x10_0000, "DL_VLAN_PCP"],
  [0x20_0000, "NW_TOS"],
]);
export const ACTION_NAMES =
  "OUTPUT SET_VLAN_VID SET_VLAN_PCP STRIP_VLAN SET_DL_SRC SET_DL_DST SET_NW_SRC SET_NW_DST SET_NW_TOS SET_TP_SRC " +
  "SET_TP_DST ENQUEUE";
export const ACTION_BITS = bitTable(ACTION_NAMES);
export const CAPABILITIES = bitTable(
  "FLOW_STATS TABLE_STATS PORT_STATS STP RESERVED IP_REASM QUEUE_STATS ARP_MATCH_IP",
);
/** RESERVED counts as unassigned. */
export const UNASSIGNED_CAPABILITIES = ~0xef;
export const CONFIG_FLAGS = list("FRAG_NORMAL FRAG_DROP FRAG_REASM");
export const COMMANDS = list("ADD MODIFY MODIFY_STRICT DELETE DELETE_STRICT");
export const FLOW_FLAGS = bitTable("SEND_FLOW_REM CHECK_OVERLAP EMERG");
export const STATISTICS: Readonly<Record<number, string>> = {
  0: "DESC", 1: "FLOW", 2: "AGGREGATE", 3: "TABLE", 4: "PORT", 5: "QUEUE", 0xffff: "VENDOR",
}; // prettier-ignore
export const TABLES: Readonly<Record<number, string>> = { 0xfe: "EMERG", 0xff: "ALL" };
export const MORE = bitTable("MORE");
export const PACKET_REASONS = list("NO_MATCH ACTION");
export const REMOVED_REASONS = list("IDLE_TIMEOUT HARD_TIMEOUT DELETE");
export const STATUS_REASONS = list("ADD DELETE MODIFY");

export const ERRORS: readonly (readonly [type: string, codes: readonly string[]])[] = [
  ["HELLO_FAILED", list("INCOMPATIBLE EPERM")],
  ["BAD_REQUEST", list("BAD_VERSION BAD_TYPE BAD_STAT BAD_VENDOR BAD_SUBTYPE EPERM BAD_LEN BUFFER_EMPTY BUFFER_UNKNOWN")],
  ["BAD_ACTION",
    list("BAD_TYPE BAD_LEN BAD_VENDOR BAD_VENDOR_TYPE BAD_OUT_PORT BAD_ARGUMENT EPERM TOO_MANY BAD_QUEUE")],
  ["FLOW_MOD_FAILED", list("ALL_TABLES_FULL OVERLAP EPERM BAD_EMERG_TIMEOUT BAD_COMMAND UNSUPPORTED")],
  ["PORT_MOD_FAILED", list("BAD_PORT BAD_HW_ADDR")],
  ["QUEUE_OP_FAILED", list("BAD_PORT BAD_QUEUE EPERM")],
]; // prettier-ignore

/** Messages of Big Switch Networks. */
export const BIG_SWITCH_MESSAGES: readonly string[] = [
  ...list(
    "SET_IP_MASK GET_IP_MASK_REQUEST GET_IP_MASK_REPLY SET_MIRRORING GET_MIRRORING_REQUEST GET_MIRRORING_REPLY " +
      "SHELL_COMMAND SHELL_OUTPUT SHELL_STATUS GET_INTERFACES_REQUEST GET_INTERFACES_REPLY " +
      "SET_PKTIN_SUPPRESSION_REQUEST SET_L2_TABLE_REQUEST GET_L2_TABLE_REQUEST GET_L2_TABLE_REPLY " +
      "VIRTUAL_PORT_CREATE_REQUEST VIRTUAL_PORT_CREATE_REPLY VIRTUAL_PORT_REMOVE_REQUEST BW_ENABLE_SET_REQUEST " +
      "BW_ENABLE_GET_REQUEST BW_ENABLE_GET_REPLY BW_CLEAR_DATA_REQUEST BW_CLEAR_DATA_REPLY BW_ENABLE_SET_REPLY " +
      "SET_L2_TABLE_REPLY SET_PKTIN_SUPPRESSION_REPLY VIRTUAL_PORT_REMOVE_REPLY HYBRID_GET_REQUEST HYBRID_GET_REPLY",
  ),
  "",
  "",
  ...list("PDU_TX_REQUEST PDU_TX_REPLY PDU_RX_REQUEST PDU_RX_REPLY PDU_RX_TIMEOUT"),
];
export const BIG_SWITCH_ACTIONS: Readonly<Record<number, string>> = {
  1: "MIRROR",
  2: "SET_TUNNEL_DST",
  4: "CHECKSUM",
};
