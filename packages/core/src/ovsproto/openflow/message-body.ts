/** The bodies of OpenFlow messages, as one union, and the header that they share. */
import type { CtFlush } from "./ct-flush.ts";
import type { FlowMod } from "./flow-mod.ts";
import type { FlowMonitorRequest, FlowUpdate } from "./monitor-messages.ts";
import type * as flows from "./flow-messages.ts";
import type { FlowRemoved } from "./flow-removed.ts";
import type * as groups from "./group-messages.ts";
import type { IpfixStats } from "./ipfix.ts";
import type * as meters from "./meter-messages.ts";
import type * as packets from "./packet-messages.ts";
import type * as ports from "./port-messages.ts";
import type * as queues from "./queue-messages.ts";
import type * as session from "./session-messages.ts";
import type * as tables from "./table-messages.ts";
import type { TableStats } from "./table-stats.ts";

/** A body of a message, by what it is. */
export type MessageBody =
  | session.Hello
  | {
      readonly type: "error";
      readonly name: string | undefined;
      readonly number: ErrorNumber;
      readonly payload: Uint8Array;
    }
  | { readonly type: "echo_request" | "echo_reply"; readonly payload: Uint8Array }
  | { readonly type: EmptyType }
  | session.Features
  | session.SwitchConfig
  | packets.PacketIn
  | packets.PacketOut
  | (Omit<packets.PacketIn, "type"> & { readonly type: "resume" })
  | FlowRemoved
  | ports.PortStatus
  | {
      readonly type: "flow_mod";
      readonly form: "standard" | "nxt";
      readonly mod: FlowMod;
      readonly tableId?: boolean;
    }
  | groups.GroupMod
  | ports.PortMod
  | tables.TableMod
  | meters.MeterMod
  | session.Role
  | session.RoleStatus
  | session.AsyncConfig
  | tables.TableStatus
  | { readonly type: "requestforward"; readonly message: Uint8Array }
  | session.BundleControl
  | session.BundleAdd
  | { readonly type: "queue_config_request"; readonly port: number; readonly queue?: number }
  | {
      readonly type: "queue_config_reply";
      readonly port: number;
      readonly queues: readonly queues.QueueConfig[];
    }
  // ---- multipart
  | flows.FlowRequest
  | { readonly type: "desc_reply"; readonly description: session.SwitchDescription }
  | {
      readonly type: "flow_reply";
      readonly form: "standard" | "nxst";
      readonly flows: readonly flows.FlowStats[];
    }
  | {
      readonly type: "aggregate_reply";
      readonly form: "standard" | "nxst";
      readonly stats: flows.AggregateStats;
    }
  | { readonly type: "table_reply"; readonly tables: readonly TableStats[] }
  | { readonly type: "port_request" | "port_desc_request"; readonly port: number }
  | { readonly type: "port_reply"; readonly ports: readonly ports.PortCounters[] }
  | { readonly type: "port_desc_reply"; readonly ports: readonly ports.PhyPort[] }
  | { readonly type: "queue_request"; readonly port: number; readonly queue: number }
  | { readonly type: "queue_reply"; readonly queues: readonly queues.QueueStats[] }
  | { readonly type: "group_request" | "group_desc_request"; readonly group: number }
  | { readonly type: "group_reply"; readonly groups: readonly groups.GroupStats[] }
  | { readonly type: "group_desc_reply"; readonly groups: readonly groups.GroupDescription[] }
  | { readonly type: "group_features_reply"; readonly features: groups.GroupFeatures }
  | { readonly type: "meter_request" | "meter_config_request"; readonly meter: number }
  | { readonly type: "meter_reply"; readonly meters: readonly meters.MeterStats[] }
  | { readonly type: "meter_config_reply"; readonly meters: readonly meters.MeterConfig[] }
  | { readonly type: "meter_features_reply"; readonly features: meters.MeterFeatures }
  | {
      readonly type: "table_features_request" | "table_features_reply";
      readonly tables: readonly tables.TableFeatures[];
    }
  | { readonly type: "table_desc_reply"; readonly tables: readonly tables.TableDescription[] }
  | { readonly type: "flow_monitor_request"; readonly requests: readonly FlowMonitorRequest[] }
  | { readonly type: "flow_monitor_reply"; readonly updates: readonly FlowUpdate[] }
  | {
      readonly type: "ipfix_bridge_reply" | "ipfix_flow_reply";
      readonly stats: readonly IpfixStats[];
    }
  // ---- Open vSwitch's own
  | { readonly type: "set_flow_format"; readonly format: number }
  | { readonly type: "flow_mod_table_id"; readonly enable: boolean }
  | { readonly type: "set_packet_in_format"; readonly format: number }
  | { readonly type: "set_controller_id"; readonly id: number }
  | { readonly type: "flow_monitor_cancel"; readonly id: number }
  | {
      readonly type: "tlv_table_mod";
      readonly command: number;
      readonly mappings: readonly session.TlvMapping[];
    }
  | {
      readonly type: "tlv_table_reply";
      readonly space: number;
      readonly fields: number;
      readonly mappings: readonly session.TlvMapping[];
    }
  | { readonly type: "ct_flush_zone"; readonly zone: number }
  | CtFlush;

export type ErrorNumber = { readonly vendor: number; readonly type: number; readonly code: number };

/** Messages that are all header. */
export const EMPTY_TYPES = [
  "features_request",
  "get_config_request",
  "barrier_request",
  "barrier_reply",
  "get_async_request",
  "desc_request",
  "table_request",
  "group_features_request",
  "meter_features_request",
  "table_desc_request",
  "flow_age",
  "flow_monitor_paused",
  "flow_monitor_resumed",
  "tlv_table_request",
  "ipfix_bridge_request",
  "ipfix_flow_request",
] as const;
/** Messages without a body. */
export type EmptyType = (typeof EMPTY_TYPES)[number];

export interface Message {
  /** 1.0 is 1. Hello and error may have higher ones than we know. */
  readonly version: number;
  readonly xid: number;
  readonly body: MessageBody;
  /** Multipart: other parts follow. */
  readonly more?: boolean;
}

/** Versions whose groups have lists of buckets with properties: 1.5, and the extension for 1.0. */
export const hasBucketLists = (version: number): boolean => version === 6 || version === 1;

/** The flag of a multipart message that others follow. */
export const MORE = 1;
