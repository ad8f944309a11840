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
import { readIpfixStats } from "./ipfix.ts";
import { readCtFlush } from "./ct-flush.ts";
import { Port, PORT_MAX } from "./ports.ts";
import * as meters from "./meter-messages.ts";
import { readFlowMonitorRequest, readFlowUpdate } from "./monitor-messages.ts";
import * as packets from "./packet-messages.ts";
import * as ports from "./port-messages.ts";
import * as queues from "./queue-messages.ts";
import * as session from "./session-messages.ts";
import * as tables from "./table-messages.ts";
import { readTableStats } from "./table-stats.ts";

/** What a decoder may need to know of the connection. */
export interface DecodeOptions extends FlowModOptions {
  /** For printing: properties that are not known are passed over, and a list ends where it is bad. */
  readonly loose?: boolean;
  /** With actions that only daemons with dummies take. */
  readonly testing?: boolean;
}

export interface DecodedMessage {
  readonly kind: MessageType;
  readonly message: Message;
  /** What stands behind the elements of a list that could be read; only if `loose`. */
  readonly failure?: OpenflowError;
}

/** Reads all that is left of a message, one element after the other. */
type ListReader = <T>(read: () => T) => T[];

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
  } else if (type === 0xffff) {
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
  listOf: ListReader,
  xid: number,
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
      return session.readFeatures(from, version, listOf);
    case "GET_CONFIG_REPLY":
      return session.readConfig(from, version, "get_config_reply");
    case "SET_CONFIG":
      return session.readConfig(from, version, "set_config");
    case "PACKET_IN":
      return nicira ? packets.readNxPacketIn(from) : packets.readPacketIn(from, version);
    case "PACKET_IN2":
      return packets.readPacketIn2(from, version, options.loose);
    case "RESUME":
      return { ...packets.readPacketIn2(from, version, options.loose), type: "resume" };
    case "FLOW_REMOVED":
      return readFlowRemoved(from, version, nicira);
    case "PORT_STATUS": {
      const reason = from.u8();
      if (reason > 2) throw new OpenflowError("NXBRC_BAD_REASON");
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
      return ports.readPortMod(from, version, options.loose);
    case "TABLE_MOD":
      return tables.readTableMod(from, version);
    case "METER_MOD":
      return meters.readMeterMod(from, options.loose);
    case "ROLE_REQUEST":
    case "ROLE_REPLY":
      return session.readRole(from, kind.name === "ROLE_REQUEST" ? "role_request" : "role_reply", nicira);
    case "ROLE_STATUS": {
      const role = from.u32();
      if (role > 3) throw new OpenflowError("OFPRRFC_BAD_ROLE");
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
      return { type: "requestforward", message: readForwarded(from, version) };
    case "BUNDLE_CONTROL":
      return { type: "bundle_control", bundle: from.u32(), control: from.u16(), flags: from.u16() };
    case "BUNDLE_ADD_MESSAGE":
      return session.readBundleAdd(from, version, xid);
    case "QUEUE_GET_CONFIG_REQUEST":
      return { type: "queue_config_request", port: queuePort(from, version) };
    case "QUEUE_GET_CONFIG_REPLY": {
      const port = requestPort(from, version);
      from.skip(version === 1 ? 6 : 4);
      return {
        type: "queue_config_reply",
        port,
        queues: listOf(() => queues.readQueueConfig(from, version, port)),
      };
    }
    case "SET_FLOW_FORMAT":
      return { type: "set_flow_format", format: readFlowFormat(from) };
    case "FLOW_MOD_TABLE_ID":
      return { type: "flow_mod_table_id", enable: from.u8() !== 0 };
    case "SET_PACKET_IN_FORMAT":
      return { type: "set_packet_in_format", format: readPacketInFormat(from) };
    case "SET_CONTROLLER_ID":
      if (!from.zero(6) && options.loose !== true) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
      return { type: "set_controller_id", id: from.u16() };
    case "FLOW_MONITOR_CANCEL":
      return { type: "flow_monitor_cancel", id: from.u32() };
    case "TLV_TABLE_MOD": {
      const command = from.u16();
      from.skip(6);
      if (command > 2) {
        from.log?.("ofp_match", "WARN", `tlv table mod command (${command}) is out of range`);
        throw new OpenflowError("NXTTMFC_BAD_COMMAND");
      }
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
      if (!from.zero(6) && options.loose !== true) throw new OpenflowError("NXBRC_MUST_BE_ZERO");
      return { type: "ct_flush_zone", zone: from.u16() };
    case "CT_FLUSH": {
      return readCtFlush(from);
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

/** A queue's port is a real one, or any. */
function queuePort(from: MessageReader, version: OpenFlowVersion): number {
  const port = requestPort(from, version);
  if (port >= PORT_MAX && port !== Port.NONE) throw new OpenflowError("OFPQOFC_BAD_PORT");
  return port;
}

/** Only changes of groups and meters are forwarded. */
function readForwarded(from: MessageReader, version: OpenFlowVersion): Uint8Array {
  const bytes = from.rest().slice();
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (length < 8 || length > bytes.length) throw new OpenflowError("OFPBFC_MSG_BAD_LEN");
  if (bytes[0] !== version) throw new OpenflowError("OFPBRC_BAD_VERSION");
  const decoded = decodeMessage(bytes.slice(0, length), from.log ? { log: from.log } : {});
  if (decoded instanceof OpenflowError) throw decoded;
  const { type } = decoded.message.body;
  if (type !== "group_mod" && type !== "meter_mod") throw new OpenflowError("OFPBFC_MSG_UNSUP");
  return bytes;
}

/** OpenFlow 1.0's matches, or NXM. Others are let in here, and told of. */
function readFlowFormat(from: MessageReader): number {
  const format = from.u32();
  if (format !== 0 && format !== 2) {
    const what = "NXT_SET_FLOW_FORMAT message specified invalid flow format";
    from.log?.("ofp_protocol", "WARN", `${what} ${format}`);
  }
  return format;
}

function readPacketInFormat(from: MessageReader): number {
  const format = from.u32();
  if (format <= 2) return format;
  const what = "NXT_SET_PACKET_IN_FORMAT message specified invalid packet-in format";
  from.log?.("ofp_packet", "WARN", `${what} ${format}`);
  throw new OpenflowError("OFPBRC_EPERM");
}

function readRequest(
  kind: MessageType,
  from: MessageReader,
  version: OpenFlowVersion,
  listOf: ListReader,
): MessageBody {
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
      // OpenFlow 1.0 says "all" for "any".
      const any = version === 1 && port === Port.ALL;
      return { type: "queue_request", port: any ? Port.NONE : port, queue: from.u32() };
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
        tables: listOf(() => tables.readTableFeatures(from, version)),
      };
    case "FLOW_MONITOR":
      return {
        type: "flow_monitor_request",
        requests: listOf(() => readFlowMonitorRequest(from, version)),
      };
    default:
      return empty(`${kind.name.toLowerCase()}_request`);
  }
}

function readReply(
  kind: MessageType,
  from: MessageReader,
  version: OpenFlowVersion,
  listOf: ListReader,
): MessageBody {
  const nicira = kind.vendor === Vendor.NICIRA;
  switch (kind.name) {
    case "DESC":
      return { type: "desc_reply", description: session.readDescription(from) };
    case "FLOW":
      return {
        type: "flow_reply",
        form: nicira ? "nxst" : "standard",
        flows: listOf(() => flows.readFlowStats(from, version, nicira)),
      };
    case "AGGREGATE":
      return {
        type: "aggregate_reply",
        form: nicira ? "nxst" : "standard",
        stats: flows.readAggregate(from, version),
      };
    case "TABLE":
      return { type: "table_reply", tables: listOf(() => readTableStats(from, version)) };
    case "PORT":
      return { type: "port_reply", ports: listOf(() => ports.readPortCounters(from, version)) };
    case "PORT_DESC":
      return { type: "port_desc_reply", ports: listOf(() => ports.readPhyPort(from, version)) };
    case "QUEUE":
      return { type: "queue_reply", queues: listOf(() => queues.readQueueStats(from, version)) };
    case "QUEUE_DESC":
      return {
        type: "queue_config_reply",
        port: 0xffff,
        queues: listOf(() => queues.readQueueConfig(from, version, 0xffff)),
      };
    case "GROUP":
      return { type: "group_reply", groups: listOf(() => groups.readGroupStats(from, version)) };
    case "GROUP_DESC":
      return {
        type: "group_desc_reply",
        groups: listOf(() => groups.readGroupDescription(from, version, hasBucketLists(version))),
      };
    case "GROUP_FEATURES":
      return { type: "group_features_reply", features: groups.readGroupFeatures(from) };
    case "METER":
      return { type: "meter_reply", meters: listOf(() => meters.readMeterStats(from)) };
    case "METER_CONFIG":
      return { type: "meter_config_reply", meters: listOf(() => meters.readMeterConfig(from)) };
    case "METER_FEATURES":
      return { type: "meter_features_reply", features: meters.readMeterFeatures(from) };
    case "TABLE_FEATURES":
      return {
        type: "table_features_reply",
        tables: listOf(() => tables.readTableFeatures(from, version)),
      };
    case "TABLE_DESC":
      return { type: "table_desc_reply", tables: listOf(() => tables.readTableDescription(from)) };
    case "FLOW_MONITOR":
      return { type: "flow_monitor_reply", updates: listOf(() => readFlowUpdate(from, version)) };
    case "IPFIX_BRIDGE":
    case "IPFIX_FLOW":
      return {
        type: kind.name === "IPFIX_BRIDGE" ? "ipfix_bridge_reply" : "ipfix_flow_reply",
        stats: listOf(() => readIpfixStats(from)),
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
    const kind = identifyMessage(bytes, options.log);
    const version = bytes[0] ?? 0;
    const from = new MessageReader(bytes, options.log, options.testing);
    from.skip(4);
    const xid = from.u32();
    const known = version as OpenFlowVersion;
    const header = headerLength(version, kind);
    const more = kind.kind === "message" ? undefined : (from.peekU16(2) & MORE) !== 0;
    from.skip(header - 8);
    let failure: OpenflowError | undefined;
    const listOf: ListReader = (read) => {
      const list = [];
      try {
        while (from.left > 0) list.push(read());
      } catch (error) {
        if (options.loose !== true || !(error instanceof OpenflowError)) throw error;
        failure = error;
      }
      return list;
    };
    const body =
      kind.kind === "message"
        ? readPlain(kind, from, known, options, listOf, xid)
        : kind.kind === "request"
          ? readRequest(kind, from, known, listOf)
          : readReply(kind, from, known, listOf);
    const message = { version, xid, body, ...(more === undefined ? {} : { more }) };
    return { kind, message, ...(failure ? { failure } : {}) };
  } catch (error) {
    if (error instanceof OpenflowError) return error;
    throw error;
  }
}
