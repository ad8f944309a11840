/**
 * OpenFlow messages from bytes. `decodeMessage` never throws: bytes that are no message give the error that the sender gets.
 * Multipart messages come one part at a time; `more` says that others follow.
 */
import { errorName, OpenflowError, Vendor } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readPort32 } from "./fixed-match.ts";
import * as flows from "./flow-messages.ts";
import { readFlowMod } from "./flow-mod.ts";
import type { FlowModOptions } from "./flow-mod.ts";
import { readFlowRemoved } from "./flow-removed.ts";
import * as groups from "./group-messages.ts";
import { EMPTY_TYPES, hasBucketLists, MORE } from "./message-body.ts";
import type { Message, MessageBody } from "./message-body.ts";
import { MessageReader } from "./message-bytes.ts";
import { headerLength, identifyMessage } from "./message-types.ts";
import type { MessageType } from "./message-types.ts";
import * as meters from "./meter-messages.ts";
import { readFlowMonitorRequests, readFlowUpdates } from "./monitor-messages.ts";
import * as packets from "./packet-messages.ts";
import * as ports from "./port-messages.ts";
import * as queues from "./queue-messages.ts";
import * as session from "./session-messages.ts";
import * as tables from "./table-messages.ts";
import { readTableStats } from "./table-stats.ts";

/** What a decoder may need to know of the connection. */
export type DecodeOptions = FlowModOptions;

export interface DecodedMessage {
  readonly kind: MessageType;
  readonly message: Message;
}

function listOf<T>(from: MessageReader, read: () => T): T[] {
  const list: T[] = [];
  while (from.left > 0) list.push(read());
  return list;
}

const requestPort = (from: MessageReader, version: OpenFlowVersion): number =>
  version === 1 ? from.u16() : readPort32(from, "OFPBAC_BAD_OUT_PORT");

function readError(from: MessageReader, version: number): MessageBody {
  let type = from.u16();
  let code = from.u16();
  let vendor: number = Vendor.STANDARD;
  if (version <= 2 && type === 0xb0c2) {
    // Nicira's errors of OpenFlow 1.0: vendor, type and code follow.
    vendor = from.u32();
    type = from.u16();
    code = from.u16();
  } else if (version > 1 && type === 0xffff) {
    type = code;
    vendor = from.u32();
    code = 0;
  }
  const number = { vendor, type, code };
  return {
    type: "error",
    name: errorName(version as OpenFlowVersion, number),
    number,
    payload: from.rest().slice(),
  };
}

function readPlain(
  kind: MessageType,
  from: MessageReader,
  version: OpenFlowVersion,
  options: DecodeOptions,
): MessageBody {
  const nicira = kind.vendor === Vendor.NICIRA;
  switch (kind.name) {
    case "HELLO":
      return session.readHello(from, version);
    case "ERROR":
      return readError(from, version);
    case "ECHO_REQUEST":
    case "ECHO_REPLY":
      return {
        type: kind.name === "ECHO_REQUEST" ? "echo_request" : "echo_reply",
        payload: from.rest().slice(),
      };
    case "FEATURES_REPLY":
      return session.readFeatures(from, version);
    case "GET_CONFIG_REPLY":
      return session.readConfig(from, version, "get_config_reply");
    case "SET_CONFIG":
      return session.readConfig(from, version, "set_config");
    case "PACKET_IN":
      return nicira ? packets.readNxPacketIn(from) : packets.readPacketIn(from, version);
    case "PACKET_IN2":
      return packets.readPacketIn2(from, version);
    case "RESUME":
      return { ...packets.readPacketIn2(from, version), type: "resume" };
    case "FLOW_REMOVED":
      return readFlowRemoved(from, version, nicira);
    case "PORT_STATUS": {
      const reason = from.u8();
      from.skip(7);
      return { type: "port_status", reason, port: ports.readPhyPort(from, version) };
    }
    case "PACKET_OUT":
      return packets.readPacketOut(from, version);
    case "FLOW_MOD":
      return {
        type: "flow_mod",
        form: nicira ? "nxt" : "standard",
        mod: readFlowMod(from, version, nicira, options),
        ...(options.tableId === true && version === 1 ? { tableId: true } : {}),
      };
    case "GROUP_MOD":
      return groups.readGroupMod(from, version, nicira || version === 6);
    case "PORT_MOD":
      return ports.readPortMod(from, version);
    case "TABLE_MOD":
      return tables.readTableMod(from, version);
    case "METER_MOD":
      return meters.readMeterMod(from);
    case "ROLE_REQUEST":
    case "ROLE_REPLY":
      return session.readRole(from, kind.name === "ROLE_REQUEST" ? "role_request" : "role_reply", nicira);
    case "ROLE_STATUS": {
      const role = from.u32();
      const reason = from.u8();
      from.skip(3);
      return { type: "role_status", role, reason, generation: from.u64() };
    }
    case "GET_ASYNC_REPLY":
      return session.readAsync(from, version, "get_async_reply", "standard");
    case "SET_ASYNC":
      return session.readAsync(from, version, "set_async", "standard");
    case "SET_ASYNC_CONFIG":
      return session.readAsync(from, version, "set_async", "nxt");
    case "SET_ASYNC_CONFIG2":
      return session.readAsync(from, version, "set_async", "nxt2");
    case "TABLE_STATUS": {
      const reason = from.u8();
      from.skip(7);
      if (reason !== 3 && reason !== 4) throw new OpenflowError("OFPBPC_BAD_VALUE");
      return { type: "table_status", reason, description: tables.readTableDescription(from) };
    }
    case "REQUESTFORWARD":
      return { type: "requestforward", message: from.rest().slice() };
    case "BUNDLE_CONTROL":
      return { type: "bundle_control", bundle: from.u32(), control: from.u16(), flags: from.u16() };
    case "BUNDLE_ADD_MESSAGE":
      return session.readBundleAdd(from);
    case "QUEUE_GET_CONFIG_REQUEST":
      return { type: "queue_config_request", port: requestPort(from, version) };
    case "QUEUE_GET_CONFIG_REPLY": {
      const port = requestPort(from, version);
      from.skip(version === 1 ? 6 : 4);
      return {
        type: "queue_config_reply",
        port,
        queues: listOf(from, () => queues.readQueueConfig(from, version, port)),
      };
    }
    case "SET_FLOW_FORMAT":
      return { type: "set_flow_format", format: from.u32() };
    case "FLOW_MOD_TABLE_ID":
      return { type: "flow_mod_table_id", enable: from.u8() !== 0 };
    case "SET_PACKET_IN_FORMAT":
      return { type: "set_packet_in_format", format: from.u32() };
    case "SET_CONTROLLER_ID":
      from.skip(6);
      return { type: "set_controller_id", id: from.u16() };
    case "FLOW_MONITOR_CANCEL":
      return { type: "flow_monitor_cancel", id: from.u32() };
    case "TLV_TABLE_MOD": {
      const command = from.u16();
      from.skip(6);
      if (command > 2) throw new OpenflowError("NXTTMFC_BAD_COMMAND");
      return { type: "tlv_table_mod", command, mappings: session.readTlvMappings(from, 64) };
    }
    case "TLV_TABLE_REPLY": {
      const space = from.u32();
      const count = from.u16();
      from.skip(10);
      return {
        type: "tlv_table_reply",
        space,
        fields: count,
        mappings: session.readTlvMappings(from, count),
      };
    }
    case "CT_FLUSH_ZONE":
      if (!from.zero(6)) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
      return { type: "ct_flush_zone", zone: from.u16() };
    case "CT_FLUSH": {
      const protocol = from.u8();
      const family = from.u8();
      from.skip(6);
      return { type: "ct_flush", protocol, family, properties: from.rest().slice() };
    }
    default:
      return empty(kind.name.toLowerCase());
  }
}

function empty(name: string): MessageBody {
  const type = EMPTY_TYPES.find((word) => word === name);
  if (type === undefined) throw new OpenflowError("OFPBRC_BAD_TYPE");
  return { type };
}

function readRequest(kind: MessageType, from: MessageReader, version: OpenFlowVersion): MessageBody {
  const nicira = kind.vendor === Vendor.NICIRA;
  switch (kind.name) {
    case "FLOW":
    case "AGGREGATE":
      return flows.readFlowRequest(
        from,
        version,
        kind.name === "FLOW" ? "flow_request" : "aggregate_request",
        nicira,
      );
    case "PORT":
      return { type: "port_request", port: requestPort(from, version) };
    case "PORT_DESC":
      return { type: "port_desc_request", port: version === 6 ? requestPort(from, version) : 0xffff };
    case "QUEUE": {
      const port = requestPort(from, version);
      if (version === 1) from.skip(2);
      return { type: "queue_request", port, queue: from.u32() };
    }
    case "QUEUE_DESC":
      return { type: "queue_config_request", port: requestPort(from, version), queue: from.u32() };
    case "GROUP":
      return { type: "group_request", group: from.u32() };
    case "GROUP_DESC":
      return { type: "group_desc_request", group: hasBucketLists(version) ? from.u32() : groups.GroupId.ALL };
    case "METER":
    case "METER_CONFIG":
      return { type: kind.name === "METER" ? "meter_request" : "meter_config_request", meter: from.u32() };
    case "TABLE_FEATURES":
      return {
        type: "table_features_request",
        tables: listOf(from, () => tables.readTableFeatures(from, version)),
      };
    case "FLOW_MONITOR":
      return { type: "flow_monitor_request", requests: readFlowMonitorRequests(from, version) };
    default:
      return empty(`${kind.name.toLowerCase()}_request`);
  }
}

function readReply(kind: MessageType, from: MessageReader, version: OpenFlowVersion): MessageBody {
  const nicira = kind.vendor === Vendor.NICIRA;
  switch (kind.name) {
    case "DESC":
      return { type: "desc_reply", description: session.readDescription(from) };
    case "FLOW":
      return {
        type: "flow_reply",
        form: nicira ? "nxst" : "standard",
        flows: listOf(from, () => flows.readFlowStats(from, version, nicira)),
      };
    case "AGGREGATE":
      return {
        type: "aggregate_reply",
        form: nicira ? "nxst" : "standard",
        stats: flows.readAggregate(from, version),
      };
    case "TABLE":
      return { type: "table_reply", tables: listOf(from, () => readTableStats(from, version)) };
    case "PORT":
      return { type: "port_reply", ports: listOf(from, () => ports.readPortCounters(from, version)) };
    case "PORT_DESC":
      return { type: "port_desc_reply", ports: listOf(from, () => ports.readPhyPort(from, version)) };
    case "QUEUE":
      return { type: "queue_reply", queues: listOf(from, () => queues.readQueueStats(from, version)) };
    case "QUEUE_DESC":
      return {
        type: "queue_config_reply",
        port: 0xffff,
        queues: listOf(from, () => queues.readQueueConfig(from, version, 0xffff)),
      };
    case "GROUP":
      return { type: "group_reply", groups: listOf(from, () => groups.readGroupStats(from, version)) };
    case "GROUP_DESC":
      return {
        type: "group_desc_reply",
        groups: listOf(from, () => groups.readGroupDescription(from, version, hasBucketLists(version))),
      };
    case "GROUP_FEATURES":
      return { type: "group_features_reply", features: groups.readGroupFeatures(from) };
    case "METER":
      return { type: "meter_reply", meters: listOf(from, () => meters.readMeterStats(from)) };
    case "METER_CONFIG":
      return { type: "meter_config_reply", meters: listOf(from, () => meters.readMeterConfig(from)) };
    case "METER_FEATURES":
      return { type: "meter_features_reply", features: meters.readMeterFeatures(from) };
    case "TABLE_FEATURES":
      return {
        type: "table_features_reply",
        tables: listOf(from, () => tables.readTableFeatures(from, version)),
      };
    case "TABLE_DESC":
      return { type: "table_desc_reply", tables: listOf(from, () => tables.readTableDescription(from)) };
    case "FLOW_MONITOR":
      return { type: "flow_monitor_reply", updates: readFlowUpdates(from, version) };
    case "IPFIX_BRIDGE":
    case "IPFIX_FLOW":
      return {
        type: kind.name === "IPFIX_BRIDGE" ? "ipfix_bridge_reply" : "ipfix_flow_reply",
        stats: listOf(from, () => Array.from({ length: 13 }, () => from.u64())),
      };
    default:
      throw new OpenflowError("OFPBRC_BAD_STAT");
  }
}

/** Decodes one whole message; its length field must be the number of bytes. Any bytes give a message or an error. */
export function decodeMessage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): DecodedMessage | OpenflowError {
  try {
    const kind = identifyMessage(bytes);
    const version = bytes[0] ?? 0;
    const from = new MessageReader(bytes, options.log);
    from.skip(4);
    const xid = from.u32();
    const known = version as OpenFlowVersion;
    const header = headerLength(version, kind);
    const more = kind.kind === "message" ? undefined : (from.peekU16(2) & MORE) !== 0;
    from.skip(header - 8);
    const body =
      kind.kind === "message"
        ? readPlain(kind, from, known, options)
        : kind.kind === "request"
          ? readRequest(kind, from, known)
          : readReply(kind, from, known);
    return { kind, message: { version, xid, body, ...(more === undefined ? {} : { more }) } };
  } catch (error) {
    if (error instanceof OpenflowError) return error;
    throw error;
  }
}
