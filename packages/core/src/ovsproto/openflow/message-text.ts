/**
 * OpenFlow messages as `ovs-ofctl ofp-print` writes them. One message is some lines, the last of them ended; verbosity 0 to 3 adds
 * detail as in the original.
 */
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { hexDump } from "./hex-dump.ts";
import { hex } from "./field-text.ts";
import { formatDuration } from "./duration-text.ts";
import { actionNamesOf } from "./ability-text.ts";
import { formatAsync } from "./async-text.ts";
import { PORT_ANY } from "./flow-mod.ts";
import { formatFlowMod, formatFlowStats } from "./flow-text.ts";
import { formatPacketIn, formatPacketOut } from "./packet-messages-text.ts";
import type { FlowModOptions } from "./flow-mod.ts";
import { REMOVED_REASONS } from "./flow-removed.ts";
import {
  formatGroups,
  formatGroupFeatures,
  formatGroupId,
  formatGroupMod,
  formatGroupStats,
} from "./group-text.ts";
import { DEFAULT_PRIORITY, formatMatch } from "./match-text.ts";
import { formatMatch10 } from "./match10-text.ts";
import { decodeMessage } from "./message-decode.ts";
import type { DecodedMessage } from "./message-decode.ts";
import type { Message, MessageBody } from "./message-body.ts";
import { identifyMessage, identifyPartial, messageTypeName } from "./message-types.ts";
import { MessageReader } from "./message-bytes.ts";
import { formatCtFlush } from "./ct-flush.ts";
import { formatIpfixBridge, formatIpfixFlows } from "./ipfix.ts";
import {
  formatMeterConfig,
  formatMeterFeatures,
  formatMeterMod,
  formatMeterRequest,
  formatMeterStats,
} from "./meter-text.ts";
import { formatPort, formatTable } from "./names.ts";
import type { Names } from "./names.ts";
import { formatFlowUpdates, formatMonitorRequests } from "./monitor-text.ts";
import { formatBits, formatPhyPort, formatPhyPorts, formatPortMod, formatPortStats } from "./port-text.ts";
import {
  formatQueueConfig,
  formatQueueConfigRequest,
  formatQueueRequest,
  formatQueueStats,
} from "./queue-text.ts";
import { BUNDLE_CONTROLS, BundleFlag, CAPABILITIES, FRAGMENT_MODES, ROLE_WORDS } from "./session-messages.ts";
import {
  formatTableDescription,
  formatTableFeatures,
  formatTableMod,
  formatTableStats,
  formatTableStatus,
} from "./table-text.ts";

export interface PrintOptions {
  readonly verbosity?: number;
  readonly names?: Names;
  /** Hears of a flow mod whose match had to be cut down. */
  readonly normalized?: FlowModOptions["normalized"];
  /** Hears why a message is refused. */
  readonly log?: FlowModOptions["log"];
  /** What daemons with dummies take for their tests is read, too. */
  readonly testing?: boolean;
}

/** ` (OF1.3)`; nothing for 1.0. */
export function versionWord(version: number): string {
  if (version === 1) return "";
  return version >= 1 && version <= 6
    ? ` (OF1.${version - 1})`
    : ` (OF 0x${version.toString(16).padStart(2, "0")})`;
}

export function versionName(version: number): string {
  return version >= 1 && version <= 6 ? `OpenFlow1${version - 1}` : String(version);
}

const HEADER = 8; // bytes
/** From this verbosity on the match of OpenFlow 1.0 is shown field by field. */
const RAW_MATCH = 3;
/** From this verbosity on the bytes are shown too. */
const DUMPED = 5;

const UNKNOWN = 0xffff_ffff_ffff_ffffn;

type Body<T extends MessageBody["type"]> = Extract<MessageBody, { readonly type: T }>;

function formatFeatures(body: Body<"features_reply">, version: number, names: Names | undefined): string {
  const known = CAPABILITIES.filter(([, , first, last]) => version >= first && version <= last).map(
    ([bit, name]) => [bit, name] as const,
  );
  const capabilities = body.capabilities & known.reduce((bits, [bit]) => bits | bit, 0);
  let text = ` dpid:${body.datapath.toString(16).padStart(16, "0")}\n`;
  text += `n_tables:${body.tables}, n_buffers:${body.buffers}`;
  if (body.auxiliary !== 0) text += `, auxiliary_id:${body.auxiliary}`;
  text += `\ncapabilities: ${formatBits(capabilities, known)}\n`;
  const words = version === 1 ? actionNamesOf(body.actions, version) : [];
  if (words.length > 0) text += `actions: ${words.join(" ")}\n`;
  if (version <= 3) text += formatPhyPorts(body.ports, names);
  return text;
}

function formatConfig(body: Body<"get_config_reply" | "set_config">): string {
  const ttl = body.invalidTtlToController === true ? " invalid_ttl_to_controller" : "";
  return ` frags=${FRAGMENT_MODES[body.fragments] ?? "normal"}${ttl} miss_send_len=${body.missSendLength}\n`;
}

function formatFlowRemoved(body: Body<"flow_removed">, names: Names | undefined): string {
  let text = ` ${formatMatch(body.match, body.priority, names)}`;
  const reason = REMOVED_REASONS[body.reason] ?? body.reason;
  text += ` reason=${reason}`;
  if (body.table !== 255) text += ` table_id=${formatTable(body.table, names)}`;
  if (body.cookie !== 0n) text += ` cookie:${hex(body.cookie)}`;
  text += ` duration${formatDuration(body.seconds, body.nanoseconds)} idle${body.idleTimeout}`;
  if (body.hardTimeout !== 0) text += ` hard${body.hardTimeout}`;
  return `${text} pkts${body.packets} bytes${body.bytes}\n`;
}

/** Text of an unknown sender: what cannot be printed is in octal. */
function printable(bytes: Uint8Array): string {
  const letters = [...bytes].map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
      ? `\\${byte.toString(8).padStart(3, "0")}`
      : String.fromCharCode(byte),
  );
  return letters.join("");
}

function formatError(body: Body<"error">, options: PrintOptions): string {
  const text = ` ${body.name ?? ""}\n`;
  if (body.name === "OFPHFC_INCOMPATIBLE" || body.name === "OFPHFC_EPERM") {
    return text + printable(body.payload);
  }
  // The message, or the start of it, that was refused.
  return text + formatMessage(body.payload, { ...options, verbosity: 1 });
}

function formatHello(body: Body<"hello">): string {
  const versions: string[] = [];
  for (let version = 1; version < 32; version++) {
    if (((body.versions >>> version) & 1) !== 0) versions.push(`0x${version.toString(16).padStart(2, "0")}`);
  }
  return `\n version bitmap: ${versions.join(", ")}\n`;
}

function formatBundle(body: Body<"bundle_control" | "bundle_add">, options: PrintOptions): string {
  const flags = formatBits(body.flags, [
    [BundleFlag.ATOMIC, "atomic"],
    [BundleFlag.ORDERED, "ordered"],
  ]);
  let text = `\n bundle_id=${hexNumber(body.bundle)}`;
  if (body.type === "bundle_control") text += ` type=${BUNDLE_CONTROLS[body.control] ?? ""}`;
  text += ` flags=${flags}\n`;
  if (body.type === "bundle_control") return text;
  // Names of ports and tables are not for what is inside.
  const { verbosity = 0, normalized, log } = options;
  const inner = { verbosity, ...(normalized ? { normalized } : {}), ...(log ? { log } : {}) };
  return text + formatMessage(body.message, inner);
}

function formatRole(body: Body<"role_request" | "role_reply">): string {
  return ` role=${ROLE_WORDS[body.role] ?? ""}${body.generation === undefined || body.generation === UNKNOWN ? "" : ` generation_id=${body.generation}`}\n`;
}

/** As C prints `%#x`. */
const hexNumber = (value: number) => (value === 0 ? "0" : `0x${value.toString(16)}`);

function formatTlvMappings(mappings: Body<"tlv_table_mod">["mappings"]): string {
  let text = " mapping table:\n  class  type  length  match field\n ------  ----  ------  --------------";
  for (const { optionClass, optionType, length, index } of mappings) {
    const [classText, typeText] = [hexNumber(optionClass).padStart(6), hexNumber(optionType).padStart(4)];
    text += `\n ${classText}  ${typeText}  ${String(length).padStart(6)}  tun_metadata${index}`;
  }
  return text;
}

const FLOW_FORMATS = ["openflow10", undefined, "nxm"] as const;
const PACKET_IN_FORMATS = ["standard", "nxt_packet_in", "nxt_packet_in2"] as const;
const TLV_COMMANDS = ["ADD", "DEL", "CLEAR"] as const;
const TLV_CLEAR = 2;

function formatRequest(body: Body<"flow_request" | "aggregate_request">, names: Names | undefined): string {
  let text = "";
  if (body.table !== 255) text += ` table=${formatTable(body.table, names)}`;
  if (body.outPort !== PORT_ANY) text += ` out_port=${formatPort(body.outPort, names)}`;
  const match = formatMatch(body.match, DEFAULT_PRIORITY, names);
  return `${text}${match === "" ? "" : ` ${match}`}\n`;
}

function formatDescription({ description }: Body<"desc_reply">): string {
  const { manufacturer, hardware, software, serial, datapath } = description;
  return `\nManufacturer: ${manufacturer}\nHardware: ${hardware}\nSoftware: ${software}\nSerial Num: ${serial}\nDP Description: ${datapath}\n`;
}

/** All behind the first line's `NAME (xid=...):`. */
function formatBody({ message }: DecodedMessage, options: PrintOptions, bytes?: Uint8Array): string {
  const { body, version } = message;
  const { names } = options;
  const verbosity = options.verbosity ?? 0;
  const raw = verbosity >= RAW_MATCH && version === 1 && body.type === "flow_mod" && body.form === "standard";
  const asMatch10 = bytes && raw ? formatMatch10(bytes.subarray(HEADER), names) : undefined;
  switch (body.type) {
    case "hello":
      return formatHello(body);
    case "error":
      return formatError(body, options);
    case "echo_request":
    case "echo_reply":
      return ` ${body.payload.length} bytes of payload\n${verbosity > 1 ? hexDump(body.payload, true) : ""}`;
    case "features_reply":
      return formatFeatures(body, version, names);
    case "get_config_reply":
    case "set_config":
      return formatConfig(body);
    case "packet_in":
    case "resume":
      return formatPacketIn(body, verbosity, names);
    case "packet_out":
      return formatPacketOut(body, verbosity, names);
    case "flow_removed":
      return formatFlowRemoved(body, names);
    case "port_status": {
      const reason = ["ADD", "DEL", "MOD"][body.reason] ?? "";
      return ` ${reason}:${formatPhyPort(body.port, names)}`;
    }
    case "flow_mod":
      return ` ${formatFlowMod(body.mod, version, names, asMatch10)}\n`;
    case "group_mod":
      return formatGroupMod(body, version as OpenFlowVersion, names);
    case "port_mod":
      return formatPortMod(body, names);
    case "table_mod":
      return formatTableMod(body, names);
    case "meter_mod":
      return formatMeterMod(body);
    case "role_request":
    case "role_reply":
      return formatRole(body);
    case "role_status": {
      const reason =
        ["primary_request", "configuration_changed", "experimenter_data_changed"][body.reason] ?? "(unknown)";
      return ` role=${ROLE_WORDS[body.role] ?? ""}${body.generation === UNKNOWN ? "" : ` generation_id=${body.generation}`} reason=${reason}\n`;
    }
    case "set_async":
    case "get_async_reply":
      return formatAsync(body);
    case "table_status":
      return formatTableStatus(body, names);
    case "requestforward":
      return formatForwarded(body.message, names);
    case "bundle_control":
    case "bundle_add":
      return formatBundle(body, options);
    default:
      return formatMultipart(message, options);
  }
}

function formatForwarded(bytes: Uint8Array, names: Names | undefined): string {
  const decoded = decodeMessage(bytes);
  if (decoded instanceof OpenflowError) return ` ***decode error: ${decoded.name}***\n`;
  const { body } = decoded.message;
  if (body.type === "group_mod")
    return ` reason=group_mod${formatGroupMod(body, decoded.message.version as OpenFlowVersion, names)}`;
  if (body.type === "meter_mod") return ` reason=meter_mod${formatMeterMod(body)}`;
  return "\n";
}

function formatMultipart({ body, version }: Message, options: PrintOptions): string {
  const { names } = options;
  const verbosity = options.verbosity ?? 0;
  switch (body.type) {
    case "queue_config_request":
      return formatQueueConfigRequest(body.port, body.queue, names);
    case "queue_config_reply":
      return formatQueueConfig(body.queues, names);
    case "flow_request":
    case "aggregate_request":
      return formatRequest(body, names);
    case "desc_reply":
      return formatDescription(body);
    case "flow_reply":
      return `\n${body.flows.map((flow) => `${formatFlowStats(flow, true, names)}\n`).join("")}`;
    case "aggregate_reply":
      return ` packet_count=${body.stats.packets} byte_count=${body.stats.bytes} flow_count=${body.stats.flows}\n`;
    case "table_reply":
      return formatTableStats(body.tables, version as OpenFlowVersion, names);
    case "port_request":
      return ` port_no=${formatPort(body.port, names)}\n`;
    case "port_desc_request":
      return ` port=${formatPort(body.port, names)}\n`;
    case "port_reply":
      return formatPortStats(body.ports, verbosity, names);
    case "port_desc_reply":
      return `\n${formatPhyPorts(body.ports, names)}`;
    case "queue_request":
      return formatQueueRequest(body.port, body.queue, names);
    case "queue_reply":
      return formatQueueStats(body.queues, verbosity, names);
    case "group_request":
    case "group_desc_request":
      return ` group_id=${formatGroupId(body.group)}\n`;
    case "group_reply":
      return formatGroupStats(body.groups);
    case "group_desc_reply":
      return formatGroups(body.groups, version as OpenFlowVersion, names);
    case "group_features_reply":
      return formatGroupFeatures(body.features, version as OpenFlowVersion);
    case "meter_request":
    case "meter_config_request":
      return formatMeterRequest(body.meter);
    case "meter_reply":
      return formatMeterStats(body.meters);
    case "meter_config_reply":
      return body.meters.map((meter) => `\n${formatMeterConfig(meter)}`).join("");
    case "meter_features_reply":
      return formatMeterFeatures(body.features);
    case "table_features_request":
    case "table_features_reply":
      return formatTableFeatures(body.tables, version as OpenFlowVersion, names);
    case "table_desc_reply":
      return body.tables.map((table) => formatTableDescription(table, names)).join("");
    case "flow_monitor_request":
      return formatMonitorRequests(body.requests, names);
    case "flow_monitor_reply":
      return formatFlowUpdates(body.updates, names);
    case "set_flow_format":
      return ` format=${FLOW_FORMATS[body.format] ?? "(unknown)"}\n`;
    case "flow_mod_table_id":
      return ` ${body.enable ? "enable" : "disable"}\n`;
    case "set_packet_in_format":
      return ` format=${PACKET_IN_FORMATS[body.format] ?? body.format}\n`;
    case "set_controller_id":
      return ` id=${body.id}\n`;
    case "flow_monitor_cancel":
      return ` id=${body.id}\n`;
    case "tlv_table_mod":
      return `\n ${TLV_COMMANDS[body.command] ?? ""}${body.command === TLV_CLEAR ? "" : formatTlvMappings(body.mappings)}\n`;
    case "tlv_table_reply":
      return `\n max option space=${body.space} max fields=${body.fields}\n allocated option space=${body.mappings.reduce((sum, { length }) => sum + length, 0)}\n\n${formatTlvMappings(body.mappings)}\n`;
    case "ipfix_bridge_reply":
      return formatIpfixBridge(body.stats);
    case "ipfix_flow_reply":
      return formatIpfixFlows(body.stats);
    case "ct_flush":
      return formatCtFlush(body);
    case "ct_flush_zone":
      return ` zone_id=${body.zone}\n`;
    default:
      return "\n";
  }
}

/** The name of a message and its xid, as the first line begins. */
export function formatHead(kindName: string, version: number, xid: number): string {
  return `${kindName}${versionWord(version)} (xid=${hex(xid)}):`;
}

function endLine(text: string): string {
  const trimmed = text.endsWith(" ") ? text.slice(0, -1) : text;
  return trimmed.endsWith("\n") ? trimmed : `${trimmed}\n`;
}

/** A decoded message. */
export function formatDecoded(
  decoded: DecodedMessage,
  options: PrintOptions = {},
  bytes?: Uint8Array,
): string {
  const { kind, message } = decoded;
  const head = formatHead(messageTypeName(kind), message.version, message.xid);
  const multipart = message.more !== undefined;
  const flags =
    bytes && multipart
      ? multipartFlags(kind, message.version, bytes)
      : message.more === true
        ? " flags=[more]"
        : "";
  const text = `${head}${flags}${formatBody(decoded, options, bytes)}`;
  const { body } = message;
  const verbosity = options.verbosity ?? 0;
  if (!decoded.failure || (COUNTED.has(body.type) && verbosity < 1)) return endLine(text);
  let read = endLine(text);
  if (body.type === "group_reply") read = `${text.trimEnd()} ***parse error***\n`;
  else if (
    !SELF_STARTED.has(body.type) &&
    Object.values(body).some((list) => isArray(list) && list.length === 0)
  )
    read = `${head}${flags}${flags === "" ? " " : "\n"}`;
  return `${read}***decode error: ${decoded.failure.name}***\n${bytes ? hexDump(bytes, true) : ""}`;
}

/** Lists of which only the number is told without verbosity. */
const COUNTED: ReadonlySet<string> = new Set(["port_reply", "queue_reply"]);
/** Lists that begin with a line of their own, even if their first element is bad. */
const SELF_STARTED: ReadonlySet<string> = new Set([
  "features_reply",
  "port_reply",
  "queue_reply",
  "port_desc_reply",
]);
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Flags of a multipart message: that others follow, which requests may say since OpenFlow 1.3, and what is not known. */
function multipartFlags({ kind }: DecodedMessage["kind"], version: number, bytes: Uint8Array): string {
  const flags = new MessageReader(bytes.subarray(10, 12)).u16();
  const known = kind === "reply" || version >= 4 ? 1 : 0;
  const more = (flags & known) !== 0 ? "[more]" : "";
  const rest = flags & ~known;
  const unknown = rest === 0 ? "" : `[***unknown flags 0x${rest.toString(16).padStart(4, "0")}***]`;
  return flags === 0 ? "" : ` flags=${more}${unknown}`;
}

/** Bytes that are no message: what is known of them, and a dump. */
export function formatUndecodable(
  bytes: Uint8Array,
  error: OpenflowError,
  log?: PrintOptions["log"],
): string {
  const dump = hexDump(bytes, true);
  if (bytes.length === 0) return "OpenFlow message is empty\n";
  if (bytes.length < 8) return `OpenFlow packet too short (only ${bytes.length} bytes):\n${dump}`;
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (length > bytes.length) {
    return `${partialHead(bytes, log)}(***truncated to ${bytes.length} bytes from ${length}***)\n${dump}`;
  }
  if (length < bytes.length) return `(***only uses ${length} bytes out of ${bytes.length}***)\n${dump}`;
  const head = knownHead(bytes);
  return `${head}***decode error: ${error.name}***\n${dump}`;
}

/** What stands before the error of a message whose body is bad. */
function knownHead(bytes: Uint8Array): string {
  try {
    const kind = identifyMessage(bytes);
    const version = bytes[0] ?? 0;
    const head = formatHead(messageTypeName(kind), version, new MessageReader(bytes.subarray(4, 8)).u32());
    const flags = kind.kind === "message" ? "" : multipartFlags(kind, version, bytes);
    return `${head}${flags}${flags === "" ? " " : "\n"}`;
  } catch (error) {
    if (error instanceof OpenflowError) return "";
    throw error;
  }
}

/** The first line of a message that was cut off, if what is there tells its kind. */
function partialHead(bytes: Uint8Array, log: PrintOptions["log"]): string {
  const kind = identifyPartial(bytes, log);
  if (!kind) return "";
  return `${formatHead(messageTypeName(kind), bytes[0] ?? 0, new MessageReader(bytes.subarray(4, 8)).u32())}\n`;
}

/** Any bytes. */
export function formatMessage(bytes: Uint8Array, options: PrintOptions = {}): string {
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (bytes.length < 8 || length !== bytes.length)
    return formatUndecodable(bytes, new OpenflowError("OFPBRC_BAD_LEN"), options.log);
  const decoded = decodeMessage(bytes, {
    tableId: true,
    loose: true,
    ...(options.normalized ? { normalized: options.normalized } : {}),
    ...(options.log ? { log: options.log } : {}),
    ...(options.testing === true ? { testing: true } : {}),
  });
  if (decoded instanceof OpenflowError) return formatUndecodable(bytes, decoded);
  const { body } = decoded.message;
  if (body.type === "error" && body.name === undefined)
    return formatUndecodable(bytes, new OpenflowError("OFPBRC_BAD_LEN"));
  let text = formatDecoded(decoded, options, bytes);
  if (body.type === "hello" && body.odd) text += ` unknown data in hello:\n${hexDump(bytes, true)}`;
  return (options.verbosity ?? 0) >= DUMPED ? text + hexDump(bytes, true) : text;
}
