// Requests that change nothing: statistics and descriptions of flows, tables, ports, groups, meters and queues.

import { actionBits } from "../../../ovsproto/openflow/ability-text.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import type { Bridge } from "../bridge.ts";
import type { OfConnection } from "./connection.ts";
import { replyAggregate, replyFlows } from "./flows.ts";
import { describe, groupsFor, groupStatistics, meterConfigs, meterStatistics } from "./groups.ts";
import { describePorts, replyPortCounters } from "./ports.ts";
import { visibleTables } from "../flow-tables.ts";
import { changeTableFeatures, tableFeatures } from "./table-features.ts";
import { tableDescriptions, tableStatistics } from "./tables.ts";
import { queueConfigs, queueStatistics } from "./queues.ts";

/** False if the message is none of these. Errors: OpenflowError. */
export function answerQuery(bridge: Bridge, connection: OfConnection, message: Message): boolean {
  const { body } = message;
  const version = message.version as OpenFlowVersion;
  switch (body.type) {
    case "flow_request":
      replyFlows(bridge, connection, message, body);
      return true;
    case "aggregate_request":
      replyAggregate(bridge, connection, message, body);
      return true;
    case "desc_request":
      connection.reply(message, {
        type: "desc_reply",
        description: {
          manufacturer: "Nicira, Inc.",
          hardware: "Open vSwitch",
          software: "3.1.0",
          serial: bridge.serialNumber,
          datapath: bridge.description,
        },
      });
      return true;
    case "table_request":
      connection.replyParts(message, tableStatistics(bridge), (tables) => ({
        type: "table_reply",
        tables,
      }));
      return true;
    case "table_features_request": {
      const { tables: requested } = body;
      if (requested.length > 0) changeTableFeatures(bridge, requested, (text) => connection.explain(text));
      const all = visibleTables().map((id) => tableFeatures(bridge, id));
      connection.replyParts(message, all, (tables) => ({ type: "table_features_reply", tables }));
      return true;
    }
    case "table_desc_request":
      connection.replyParts(message, tableDescriptions(bridge), (tables) => ({
        type: "table_desc_reply",
        tables,
      }));
      return true;
    case "port_request":
      replyPortCounters(bridge, connection, message, body.port);
      return true;
    case "port_desc_request": {
      const ports = describePorts(bridge, version).filter(
        ({ port }) => body.port === 0xffff || port === body.port,
      );
      connection.replyParts(message, ports, (some) => ({ type: "port_desc_reply", ports: some }));
      return true;
    }
    case "group_request": {
      const groups = groupsFor(bridge, body.group).map((group) => groupStatistics(bridge, group));
      connection.replyParts(message, groups, (some) => ({ type: "group_reply", groups: some }));
      return true;
    }
    case "group_desc_request":
      connection.replyParts(message, groupsFor(bridge, body.group).map(describe), (groups) => ({
        type: "group_desc_reply",
        groups,
      }));
      return true;
    case "group_features_request":
      connection.reply(message, {
        type: "group_features_reply",
        features: {
          types: 0xf,
          // select_weight, select_liveness, chaining
          capabilities: 0x7,
          maxGroups: [0xffff_ff00, 0xffff_ff00, 0xffff_ff00, 0xffff_ff00],
          actions: new Array<number>(4).fill(OLDER_GROUP_ACTIONS[version] ?? actionBits(version)),
        },
      });
      return true;
    case "meter_request":
      connection.replyParts(message, meterStatistics(bridge, body.meter), (meters) => ({
        type: "meter_reply",
        meters,
      }));
      return true;
    case "meter_config_request":
      connection.replyParts(message, meterConfigs(bridge, body.meter), (meters) => ({
        type: "meter_config_reply",
        meters,
      }));
      return true;
    case "meter_features_request":
      connection.reply(message, {
        type: "meter_features_reply",
        features: {
          maxMeters: bridge.backer.datapath.meters.abilities.maxMeters,
          bandTypes: 2,
          capabilities: 0xf,
          maxBands: bridge.backer.datapath.meters.abilities.maxBands,
          maxColors: 0,
        },
      });
      return true;
    case "queue_request":
      connection.reply(message, {
        type: "queue_reply",
        queues: queueStatistics(bridge, body.port, body.queue),
      });
      return true;
    case "queue_config_request":
      connection.reply(message, {
        type: "queue_config_reply",
        port: body.port,
        queues: queueConfigs(bridge, body.port, body.queue ?? 0xffff_ffff),
      });
      return true;
    case "ipfix_bridge_request": {
      const stats = bridge.ipfix?.bridgeStatistics;
      if (!stats) throw new OpenflowError("NXST_NOT_CONFIGURED");
      connection.reply(message, { type: "ipfix_bridge_reply", stats: [stats] });
      return true;
    }
    case "ipfix_flow_request": {
      const stats = bridge.ipfix?.setStatistics ?? [];
      if (stats.length === 0) throw new OpenflowError("NXST_NOT_CONFIGURED");
      connection.replyParts(message, stats, (some) => ({ type: "ipfix_flow_reply", stats: some }));
      return true;
    }
    default:
      return false;
  }
}

/** Actions of a group's buckets: OpenFlow 1.0 and 1.1 have one for each field. */
const OLDER_GROUP_ACTIONS: Readonly<Record<number, number>> = { 1: 0xfff, 2: 0x0fff_ffff };
