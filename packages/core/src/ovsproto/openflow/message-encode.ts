/** OpenFlow messages as bytes, and the error message that answers a bad one. */
import { errorNumber, Vendor } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { writePort32 } from "./fixed-match.ts";
import * as flows from "./flow-messages.ts";
import { writeFlowMod } from "./flow-mod.ts";
import { writeFlowRemoved } from "./flow-removed.ts";
import * as groups from "./group-messages.ts";
import { hasBucketLists, MORE } from "./message-body.ts";
import type { ErrorNumber, Message, MessageBody } from "./message-body.ts";
import { MessageReader, MessageWriter } from "./message-bytes.ts";
import { messageTypeNamed, multipartNumber } from "./message-types.ts";
import type { MessageKind } from "./message-types.ts";
import { writeCtFlush } from "./ct-flush.ts";
import { writeIpfixStats } from "./ipfix.ts";
import * as meters from "./meter-messages.ts";
import { writeFlowMonitorRequests, writeFlowUpdates } from "./monitor-messages.ts";
import * as packets from "./packet-messages.ts";
import * as ports from "./port-messages.ts";
import { Protocol, protocolOfVersion } from "./protocols.ts";
import * as queues from "./queue-messages.ts";
import * as session from "./session-messages.ts";
import * as tables from "./table-messages.ts";
import { writeTableStats } from "./table-stats.ts";

/** Which kind of message a body is written as. */
function kindOf(
  body: MessageBody,
  version: OpenFlowVersion,
): { name: string; kind: MessageKind; vendor?: number } {
  const form = "form" in body ? body.form : undefined;
  const vendor = form === "nxt" || form === "nxst" ? Vendor.NICIRA : undefined;
  switch (body.type) {
    case "packet_in":
      return body.form === "nxt2"
        ? { name: "PACKET_IN2", kind: "message" }
        : { name: "PACKET_IN", kind: "message", vendor: vendor ?? Vendor.STANDARD };
    case "resume":
      return { name: "RESUME", kind: "message" };
    case "flow_mod":
    case "flow_removed":
    case "role_request":
    case "role_reply":
      return { name: body.type.toUpperCase(), kind: "message", vendor: vendor ?? Vendor.STANDARD };
    case "set_async": {
      const name =
        body.form === "standard"
          ? "SET_ASYNC"
          : body.form === "nxt"
            ? "SET_ASYNC_CONFIG"
            : "SET_ASYNC_CONFIG2";
      return { name, kind: "message" };
    }
    case "bundle_add":
      return { name: "BUNDLE_ADD_MESSAGE", kind: "message" };
    case "queue_config_request":
    case "queue_config_reply": {
      const reply = body.type === "queue_config_reply";
      if (version >= 5) return { name: "QUEUE_DESC", kind: reply ? "reply" : "request" };
      return { name: reply ? "QUEUE_GET_CONFIG_REPLY" : "QUEUE_GET_CONFIG_REQUEST", kind: "message" };
    }
    case "flow_request":
    case "aggregate_request":
    case "flow_reply":
    case "aggregate_reply": {
      const [, name = "", kind = ""] = /^(.*)_(request|reply)$/.exec(body.type) ?? [];
      return { name: name.toUpperCase(), kind: kind as MessageKind, vendor: vendor ?? Vendor.STANDARD };
    }
    case "echo_request":
    case "echo_reply":
    case "features_request":
    case "features_reply":
    case "get_config_request":
    case "get_config_reply":
    case "barrier_request":
    case "barrier_reply":
    case "get_async_request":
    case "get_async_reply":
    case "tlv_table_request":
    case "tlv_table_reply":
      return { name: body.type.toUpperCase(), kind: "message" };
    default: {
      const [, name = "", kind] = /^(.*?)(?:_(request|reply))?$/.exec(body.type) ?? [];
      return { name: name.toUpperCase(), kind: (kind as MessageKind | undefined) ?? "message" };
    }
  }
}

function writeError(out: MessageWriter, number: ErrorNumber, payload: Uint8Array, version: number): void {
  if (number.vendor === Vendor.STANDARD) out.u16(number.type).u16(number.code);
  else if (version === 1 || version === 2)
    out.u16(0xb0c2).u16(0).u32(number.vendor).u16(number.type).u16(number.code);
  else out.u16(0xffff).u16(number.type).u32(number.vendor);
  out.put(payload);
}

function writePort(out: MessageWriter, port: number, version: OpenFlowVersion): MessageWriter {
  return version === 1 ? out.u16(port) : writePort32(out, port);
}

function writeBody(out: MessageWriter, body: MessageBody, version: OpenFlowVersion): void {
  switch (body.type) {
    case "hello":
      session.writeHello(out, body);
      return;
    case "error":
      writeError(out, body.number, body.payload, version);
      return;
    case "echo_request":
    case "echo_reply":
      out.put(body.payload);
      return;
    case "features_reply":
      session.writeFeatures(out, body, version);
      return;
    case "get_config_reply":
    case "set_config":
      session.writeConfig(out, body);
      return;
    case "packet_in":
      if (body.form === "nxt2") packets.writePacketIn2(out, body, version);
      else packets.writePacketIn(out, body, version);
      return;
    case "resume":
      packets.writePacketIn2(out, { ...body, type: "packet_in" }, version);
      return;
    case "packet_out":
      packets.writePacketOut(out, body, version);
      return;
    case "flow_removed":
      writeFlowRemoved(out, body, version);
      return;
    case "port_status":
      out.u8(body.reason).zeros(7);
      ports.writePhyPort(out, body.port, version);
      return;
    case "flow_mod": {
      const nxm = body.tableId === true ? Protocol.OF10_NXM_TID : Protocol.OF10_NXM;
      const standard = body.tableId === true ? Protocol.OF10_STD_TID : Protocol.OF10_STD;
      const protocol = body.form === "nxt" ? nxm : version === 1 ? standard : protocolOfVersion(version);
      writeFlowMod(out, body.mod, version, protocol);
      return;
    }
    case "group_mod":
      groups.writeGroupMod(out, body, version, hasBucketLists(version));
      return;
    case "port_mod":
      ports.writePortMod(out, body, version);
      return;
    case "table_mod":
      tables.writeTableMod(out, body, version);
      return;
    case "meter_mod":
      meters.writeMeterMod(out, body);
      return;
    case "role_request":
    case "role_reply":
      session.writeRole(out, body);
      return;
    case "role_status":
      out.u32(body.role).u8(body.reason).zeros(3).u64(body.generation);
      return;
    case "set_async":
    case "get_async_reply":
      session.writeAsync(out, body, version);
      return;
    case "table_status":
      out.u8(body.reason).zeros(7);
      tables.writeTableDescription(out, body.description);
      return;
    case "requestforward":
      out.put(body.message);
      return;
    case "bundle_control":
      out.u32(body.bundle).u16(body.control).u16(body.flags);
      return;
    case "bundle_add":
      out.u32(body.bundle).zeros(2).u16(body.flags).put(body.message);
      return;
    case "queue_config_request":
      if (version >= 5) writePort32(out, body.port).u32(body.queue ?? queues.QUEUE_ALL);
      else writePort(out, body.port, version).zeros(version === 1 ? 2 : 4);
      return;
    case "queue_config_reply":
      if (version < 5) writePort(out, body.port, version).zeros(version === 1 ? 6 : 4);
      for (const queue of body.queues) queues.writeQueueConfig(out, queue, version);
      return;
    default:
      writeMultipart(out, body, version);
  }
}

function writeMultipart(out: MessageWriter, body: MessageBody, version: OpenFlowVersion): void {
  switch (body.type) {
    case "flow_request":
    case "aggregate_request":
      flows.writeFlowRequest(out, body, version);
      return;
    case "desc_reply":
      session.writeDescription(out, body.description);
      return;
    case "flow_reply":
      for (const flow of body.flows) flows.writeFlowStats(out, flow, version, body.form === "nxst");
      return;
    case "aggregate_reply":
      flows.writeAggregate(out, body.stats, version);
      return;
    case "table_reply":
      for (const table of body.tables) writeTableStats(out, table, version);
      return;
    case "port_request":
      writePort(out, body.port, version).zeros(version === 1 ? 6 : 4);
      return;
    case "port_desc_request":
      if (version === 6) writePort32(out, body.port).zeros(4);
      return;
    case "port_reply":
      for (const port of body.ports) ports.writePortCounters(out, port, version);
      return;
    case "port_desc_reply":
      for (const port of body.ports) ports.writePhyPort(out, port, version);
      return;
    case "queue_request":
      writePort(out, body.port, version)
        .zeros(version === 1 ? 2 : 0)
        .u32(body.queue);
      return;
    case "queue_reply":
      for (const queue of body.queues) queues.writeQueueStats(out, queue, version);
      return;
    case "group_request":
      out.u32(body.group).zeros(4);
      return;
    case "group_desc_request":
      if (hasBucketLists(version)) out.u32(body.group).zeros(4);
      return;
    case "group_reply":
      for (const group of body.groups) groups.writeGroupStats(out, group, version);
      return;
    case "group_desc_reply":
      for (const group of body.groups)
        groups.writeGroupDescription(out, group, version, hasBucketLists(version));
      return;
    case "group_features_reply":
      groups.writeGroupFeatures(out, body.features);
      return;
    case "meter_request":
    case "meter_config_request":
      out.u32(body.meter).zeros(4);
      return;
    case "meter_reply":
      for (const meter of body.meters) meters.writeMeterStats(out, meter);
      return;
    case "meter_config_reply":
      for (const meter of body.meters) meters.writeMeterConfig(out, meter);
      return;
    case "meter_features_reply":
      meters.writeMeterFeatures(out, body.features);
      return;
    case "table_features_request":
    case "table_features_reply":
      for (const table of body.tables) tables.writeTableFeatures(out, table, version);
      return;
    case "table_desc_reply":
      for (const table of body.tables) tables.writeTableDescription(out, table);
      return;
    case "flow_monitor_request":
      writeFlowMonitorRequests(out, body.requests, version);
      return;
    case "flow_monitor_reply":
      writeFlowUpdates(out, body.updates, version);
      return;
    case "ipfix_bridge_reply":
    case "ipfix_flow_reply":
      for (const stats of body.stats) writeIpfixStats(out, stats);
      return;
    default:
      writeExtension(out, body);
  }
}

function writeExtension(out: MessageWriter, body: MessageBody): void {
  switch (body.type) {
    case "set_flow_format":
    case "set_packet_in_format":
      out.u32(body.format);
      return;
    case "flow_mod_table_id":
      out.u8(body.enable ? 1 : 0).zeros(7);
      return;
    case "set_controller_id":
      out.zeros(6).u16(body.id);
      return;
    case "flow_monitor_cancel":
      out.u32(body.id);
      return;
    case "tlv_table_mod":
      out.u16(body.command).zeros(6);
      session.writeTlvMappings(out, body.mappings);
      return;
    case "tlv_table_reply":
      out.u32(body.space).u16(body.fields).zeros(10);
      session.writeTlvMappings(out, body.mappings);
      return;
    case "ct_flush_zone":
      out.zeros(6).u16(body.zone);
      return;
    case "ct_flush":
      writeCtFlush(out, body);
      return;
    default:
      // Messages that are all header.
      return;
  }
}

/** Encodes a message. A body that its version has no message for is a bug of the caller; `isSendable` tells before. */
export function encodeMessage({ version, xid, body, more }: Message): Uint8Array {
  // Replies to echo requests are the same in versions that nobody knows.
  const known = body.type === "echo_reply" ? 1 : (version as OpenFlowVersion);
  const { name, kind, vendor } = kindOf(body, known);
  const type = messageTypeNamed(known, kind, name, vendor);
  if (!type) throw new Error(`OpenFlow version ${version} has no ${name}`);
  const out = new MessageWriter();
  const standard = type.vendor === Vendor.STANDARD;
  out.u8(version);
  if (type.kind === "message") {
    out
      .u8(standard ? type.number : 4)
      .u16(0)
      .u32(xid);
    if (!standard) out.u32(type.vendor).u32(type.number);
  } else {
    out.u8(multipartNumber(version, type.kind)).u16(0).u32(xid);
    out.u16(standard ? type.number : 0xffff).u16(more === true ? MORE : 0);
    if (version > 1) out.zeros(4);
    if (!standard) {
      out.u32(type.vendor).u32(type.number);
      if (version === 1) out.zeros(4);
    }
  }
  writeBody(out, body, known);
  out.patchU16(2, out.length);
  return out.bytes();
}

/** Whether a version has a message for a body. */
export function isSendable(body: MessageBody, version: OpenFlowVersion): boolean {
  const { name, kind, vendor } = kindOf(body, version);
  return messageTypeNamed(version, kind, name, vendor) !== undefined;
}

/**
 * The error message that answers a request.
 * @param request the whole request, which is given back: at least 64 bytes of it must be (OpenFlow 1.0, 5.4.4)
 */
export function errorReply(request: Uint8Array, version: OpenFlowVersion, name: string): Message {
  const number = errorNumber(name, version) ??
    errorNumber("NXBRC_UNENCODABLE_ERROR", version) ?? { vendor: 0, type: 1, code: 1 };
  const xid = new MessageReader(request.length >= 8 ? request.subarray(4, 8) : new Uint8Array(4)).u32();
  return { version, xid, body: { type: "error", name, number, payload: request.slice() } };
}
