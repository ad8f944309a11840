/** Commands that ask a switch and print the answer. */
import { atoi } from "../../ovsproto/openflow/c-numbers.ts";
import { parseU32 } from "../../ovsproto/openflow/c-numbers.ts";
import { GroupId } from "../../ovsproto/openflow/group-messages.ts";
import { isSendable } from "../../ovsproto/openflow/message-encode.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { formatMessage } from "../../ovsproto/openflow/message-text.ts";
import { parsePort } from "../../ovsproto/openflow/names.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { PortConfig } from "../../ovsproto/openflow/port-messages.ts";
import type { PhyPort } from "../../ovsproto/openflow/port-messages.ts";
import { Port, PORT_MAX } from "../../ovsproto/openflow/ports.ts";
import { QUEUE_ALL } from "../../ovsproto/openflow/queue-messages.ts";
import { FRAGMENT_MODES } from "../../ovsproto/openflow/session-messages.ts";
import type { SwitchConfig } from "../../ovsproto/openflow/session-messages.ts";
import type { TableFeatures } from "../../ovsproto/openflow/table-messages.ts";
import { formatTableFeatures } from "../../ovsproto/openflow/table-text.ts";
import { parseGroup } from "../../ovsproto/openflow/group-parse.ts";
import { parseGroupId } from "../../ovsproto/openflow/flow-parse.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { failWith, openVconn } from "./vconn.ts";
import type { Received, Vconn } from "./vconn.ts";

type Arguments = readonly string[];

export function printMessage(ofctl: Ofctl, received: Received, verbosity: number, names?: Names): void {
  ofctl.process.print(
    formatMessage(received.bytes, { verbosity, log: ofctl.decodeLog, names: ofctl.shown(names) }),
  );
}

/** A switch's ports, by whichever message its version has for them. */
export async function fetchPorts(vconn: Vconn): Promise<readonly PhyPort[]> {
  if (vconn.version < 4) {
    const features = (await vconn.transact({ type: "features_request" })).decoded?.message.body;
    if (features?.type === "features_reply") return features.ports;
  }
  const parts = await vconn.transactMultipart({ type: "port_desc_request", port: Port.NONE });
  return parts.flatMap((part) => {
    const body = part.decoded?.message.body;
    return body?.type === "port_desc_reply" ? body.ports : [];
  });
}

/** Names of ports, from a connection of its own as in the original, so that transaction ids are the same. */
export async function portNames(ofctl: Ofctl, bridge: string): Promise<ReadonlyMap<number, string>> {
  const vconn = await openVconn(ofctl, bridge);
  const ports = await fetchPorts(vconn);
  vconn.close();
  return new Map(ports.map(({ port, name }) => [port, name]));
}

/** Names of tables; `tableN` are none. */
export async function tableNames(ofctl: Ofctl, bridge: string): Promise<ReadonlyMap<number, string>> {
  const vconn = await openVconn(ofctl, bridge);
  vconn.activity = "OpenFlow receive failed";
  const names = new Map<number, string>();
  const request: MessageBody =
    vconn.version < 4 ? { type: "table_request" } : { type: "table_features_request", tables: [] };
  for (const part of await vconn.transactMultipart(request)) {
    const body = part.decoded?.message.body;
    const tables =
      body?.type === "table_reply"
        ? body.tables.map(({ features }) => features)
        : body?.type === "table_features_reply"
          ? body.tables
          : [];
    for (const table of tables)
      if (table && table.name !== "" && !/^table\d+$/.test(table.name)) names.set(table.table, table.name);
  }
  vconn.close();
  return names;
}

/** Names that the user may write: always, unless --no-names. */
export async function acceptedNames(ofctl: Ofctl, bridge: string): Promise<Names> {
  if (ofctl.options.names === false) return {};
  const tables = await tableNames(ofctl, bridge);
  return { tables, ports: await portNames(ofctl, bridge) };
}

/** Names that are shown: with --names. */
export async function displayedNames(ofctl: Ofctl, bridge: string): Promise<Names> {
  if (ofctl.options.names !== true) return ofctl.shown();
  const tables = await tableNames(ofctl, bridge);
  return ofctl.shown({ ports: await portNames(ofctl, bridge), tables });
}

/** Sends a request on a new connection and prints all parts of the answer. With `named`, what is shown has names, which are asked for then. */
async function dump(
  ofctl: Ofctl,
  bridge: string,
  body: (vconn: Vconn) => MessageBody,
  verbosity = 0,
  named = false,
): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  const request = body(vconn);
  requireSendable(request, vconn);
  const parts = await vconn.transactMultipart(request);
  const names = named ? await displayedNames(ofctl, bridge) : undefined;
  for (const part of parts) {
    printMessage(ofctl, part, verbosity + ofctl.options.verbosity, names);
  }
  vconn.close();
}

function requireSendable(body: MessageBody, vconn: Vconn): void {
  if (isSendable(body, vconn.version)) return;
  throw new Fatal(`${body.type} needs another version of OpenFlow than 1.${vconn.version - 1} (use -O)`);
}

export async function show(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  const reply = await vconn.transact({ type: "features_request" });
  printMessage(ofctl, reply, 0 + ofctl.options.verbosity);
  if (reply.decoded?.message.body.type !== "features_reply")
    throw new Fatal(`${bridge}: received bad features reply`);
  if (vconn.version >= 4) {
    for (const part of await vconn.transactMultipart({ type: "port_desc_request", port: Port.NONE })) {
      printMessage(ofctl, part, ofctl.options.verbosity);
    }
  }
  vconn.close();
  await dump(ofctl, bridge, () => ({ type: "get_config_request" }));
}

export const dumpDescription = (ofctl: Ofctl, [bridge = ""]: Arguments) =>
  dump(ofctl, bridge, () => ({ type: "desc_request" }));

export async function dumpTables(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  await dump(ofctl, bridge, () => ({ type: "table_request" }), 0);
}

/** @param minor the OpenFlow 1.N that has the command */
function requireVersion(command: string, vconn: Vconn, minor: number): void {
  if (vconn.version > minor) return;
  throw new Fatal(`${command} needs OpenFlow 1.${minor} or later ('-O OpenFlow1${minor}')`);
}

export async function dumpTableFeatures(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  requireVersion("dump-table-features", vconn, 3);
  const tables: TableFeatures[] = [];
  for (const part of await vconn.transactMultipart({ type: "table_features_request", tables: [] })) {
    const body = part.decoded?.message.body;
    if (body?.type === "table_features_reply") tables.push(...body.tables);
    else printMessage(ofctl, part, ofctl.options.verbosity + 1);
  }
  const names = await displayedNames(ofctl, bridge);
  if (tables.length > 0)
    ofctl.process.print(`${formatTableFeatures(tables, vconn.version, names).slice(1)}\n`);
  vconn.close();
}

export async function dumpTableDescription(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  requireVersion("dump-table-desc", vconn, 4);
  for (const part of await vconn.transactMultipart({ type: "table_desc_request" })) {
    printMessage(ofctl, part, ofctl.options.verbosity);
  }
  vconn.close();
}

/** A port by number, reserved name or the name that the switch gives it. */
async function portNumber(ofctl: Ofctl, bridge: string, text: string): Promise<number> {
  const direct = parsePort(text, ofctl.names());
  if (direct !== undefined) return direct;
  const known = parsePort(text, { ports: await portNames(ofctl, bridge) });
  if (known === undefined) throw new Fatal(`${bridge}: unknown port \`${text}'`);
  return known;
}

export async function dumpPorts(ofctl: Ofctl, [bridge = "", portText]: Arguments): Promise<void> {
  const port = portText === undefined ? Port.NONE : await portNumber(ofctl, bridge, portText);
  await dump(ofctl, bridge, () => ({ type: "port_request", port }), 1, true);
}

export async function dumpPortsDescription(ofctl: Ofctl, [bridge = "", portText]: Arguments): Promise<void> {
  const port = portText === undefined ? Port.NONE : await portNumber(ofctl, bridge, portText);
  const vconn = await openVconn(ofctl, bridge);
  for (const part of await vconn.transactMultipart({ type: "port_desc_request", port })) {
    printMessage(ofctl, part, ofctl.options.verbosity);
  }
  vconn.close();
}

export async function queueStats(
  ofctl: Ofctl,
  [bridge = "", portText = "ALL", queueText]: Arguments,
): Promise<void> {
  const all = portText.toUpperCase() === "ALL";
  const port = all ? Port.NONE : await portNumber(ofctl, bridge, portText);
  const everyQueue = queueText === undefined || queueText === "" || queueText.toUpperCase() === "ALL";
  const queue = everyQueue ? QUEUE_ALL : ofctl.parse(() => parseU32(queueText));
  await dump(ofctl, bridge, () => ({ type: "queue_request", port, queue }), 1, true);
}

export async function queueConfig(
  ofctl: Ofctl,
  [bridge = "", portText = "ANY", queueText]: Arguments,
): Promise<void> {
  const port = await portNumber(ofctl, bridge, portText);
  const queue =
    queueText === undefined || queueText.toUpperCase() === "ALL"
      ? QUEUE_ALL
      : ofctl.parse(() => parseU32(queueText));
  const vconn = await openVconn(ofctl, bridge);
  const requests: MessageBody[] = [];
  let names: Names | undefined;
  if (vconn.version >= 5) requests.push({ type: "queue_config_request", port, queue });
  else if (port !== Port.NONE || vconn.version > 1) requests.push({ type: "queue_config_request", port });
  else {
    // There was no way to ask for all ports before OpenFlow 1.4.
    const other = await openVconn(ofctl, bridge);
    const known = (await fetchPorts(other)).filter((candidate) => candidate.port < PORT_MAX);
    other.close();
    const numbers = known.map((candidate) => candidate.port).sort((a, b) => a - b);
    for (const number of numbers) requests.push({ type: "queue_config_request", port: number });
  }
  for (const request of requests) {
    for (const part of await vconn.transactMultipart(request)) {
      names ??= await displayedNames(ofctl, bridge);
      printMessage(ofctl, part, ofctl.options.verbosity, names);
    }
  }
  vconn.close();
}

async function switchConfig(vconn: Vconn): Promise<SwitchConfig> {
  const body = (await vconn.transact({ type: "get_config_request" })).decoded?.message.body;
  if (body?.type !== "get_config_reply") throw new Fatal(`${vconn.name}: bad reply to config request`);
  return body;
}

export async function getFrags(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  const { fragments } = await switchConfig(vconn);
  ofctl.process.print(`${FRAGMENT_MODES[fragments] ?? ""}\n`);
  vconn.close();
}

export async function setFrags(ofctl: Ofctl, [bridge = "", mode = ""]: Arguments): Promise<void> {
  const fragments = FRAGMENT_MODES.findIndex((name) => name === mode.toLowerCase());
  if (fragments < 0) throw new Fatal(`${mode}: unknown fragment handling mode`);
  const vconn = await openVconn(ofctl, bridge);
  const config = await switchConfig(vconn);
  if (config.fragments !== fragments) {
    await finish(ofctl, vconn, [{ ...config, type: "set_config", fragments }]);
    const after = await switchConfig(vconn);
    if (after.fragments !== fragments) {
      throw new Fatal(
        `${bridge}: setting fragment handling mode failed (this switch probably doesn't support mode "${mode}")`,
      );
    }
  }
  vconn.close();
}

/** Sends changes; the first error ends the command. */
export async function finish(ofctl: Ofctl, vconn: Vconn, bodies: readonly MessageBody[]): Promise<void> {
  for (const body of bodies) requireSendable(body, vconn);
  const error = await vconn.transactNoReply(bodies);
  if (error) failWith(ofctl, error);
}

/** As finish, one after the other, and none after an error. */
export async function finishEach(ofctl: Ofctl, vconn: Vconn, bodies: readonly MessageBody[]): Promise<void> {
  for (const body of bodies) requireSendable(body, vconn);
  const error = await vconn.transactEach(bodies);
  if (error) failWith(ofctl, error);
}

const PORT_CHANGES: ReadonlyMap<string, readonly [bit: number, set: boolean]> = new Map([
  ["up", [PortConfig.PORT_DOWN, false]],
  ["down", [PortConfig.PORT_DOWN, true]],
  ["stp", [PortConfig.NO_STP, false]],
  ["receive", [PortConfig.NO_RECV, false]],
  ["receive-stp", [PortConfig.NO_RECV_STP, false]],
  ["flood", [PortConfig.NO_FLOOD, false]],
  ["forward", [PortConfig.NO_FWD, false]],
  ["packet-in", [PortConfig.NO_PACKET_IN, false]],
]);

export async function modPort(
  ofctl: Ofctl,
  [bridge = "", portText = "", change = ""]: Arguments,
): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  const ports = await fetchPorts(vconn);
  // words for reserved ports are none here
  const number =
    /^\d+$/.test(portText) && Number(portText) <= 0xffff_ffff ? Number(portText) & 0xffff : undefined;
  const port = ports.find((candidate) =>
    number === undefined ? candidate.name === portText : candidate.port === number,
  );
  if (!port) throw new Fatal(`${bridge}: couldn't find port \`${portText}'`);
  const word = change.toLowerCase();
  const negated = word.startsWith("no-");
  const found = PORT_CHANGES.get(negated ? word.slice(3) : word);
  if (!found) throw new Fatal(`unknown mod-port command '${change}'`);
  const [bit, set] = found;
  await finish(ofctl, vconn, [
    {
      type: "port_mod",
      port: port.port,
      mac: port.mac,
      config: (negated ? !set : set) ? bit : 0,
      mask: bit,
      advertise: 0,
    },
  ]);
  vconn.close();
}

function groupArgument(ofctl: Ofctl, text: string | undefined): number {
  if (text === undefined) return GroupId.ALL;
  const group = parseGroupId(text);
  if (group === undefined)
    ofctl.log(
      "ofp_group",
      "WARN",
      `${text} is not a valid group ID.  (Valid group IDs are 32-bit nonnegative integers or the keywords ANY or ALL.)`,
    );
  return group ?? GroupId.ALL;
}

export async function dumpGroups(ofctl: Ofctl, [bridge = "", groupText]: Arguments): Promise<void> {
  const group = groupArgument(ofctl, groupText);
  await dump(ofctl, bridge, () => ({ type: "group_desc_request", group }), 0, true);
}

export async function dumpGroupStats(ofctl: Ofctl, [bridge = "", groupText = ""]: Arguments): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const { group } = ofctl.parse(() => parseGroup(groupText, "delete", names)).mod;
  await dump(ofctl, bridge, () => ({ type: "group_request", group }), 0, true);
}

export const dumpGroupFeatures = (ofctl: Ofctl, [bridge = ""]: Arguments) =>
  dump(ofctl, bridge, () => ({ type: "group_features_request" }));

export async function probe(ofctl: Ofctl, [target = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, target);
  const reply = await vconn.transact({ type: "echo_request", payload: new Uint8Array() });
  if (reply.bytes.length !== 8) throw new Fatal("reply does not match request");
  vconn.close();
}

const PING_COUNT = 10;
/** Of an OpenFlow message, bytes. */
const HEADER_LENGTH = 8;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;
/** Longest payload of an echo request, bytes. */
const MAX_PAYLOAD = 0xffff - HEADER_LENGTH;

/** Errors: Fatal. */
function payloadSize(text: string): number {
  const size = atoi(text);
  if (size < 0 || size > MAX_PAYLOAD) throw new Fatal(`payload must be between 0 and ${MAX_PAYLOAD} bytes`);
  return size;
}

export async function ping(ofctl: Ofctl, [target = "", sizeText = "64"]: Arguments): Promise<void> {
  const size = payloadSize(sizeText);
  const vconn = await openVconn(ofctl, target);
  for (let i = 0; i < PING_COUNT; i++) {
    const payload = Uint8Array.from({ length: size }, (_, index) => (index * 37 + i) & 0xff);
    const start = ofctl.process.monotonic();
    const reply = await vconn.transact({ type: "echo_request", payload });
    const elapsed = (ofctl.process.monotonic() - start) / NANOSECONDS_PER_MILLISECOND;
    const body = reply.decoded?.message.body;
    if (body?.type !== "echo_reply" || body.payload.join() !== payload.join()) {
      ofctl.process.print("Reply does not match request.\n");
    }
    ofctl.process.print(
      `${size} bytes from ${target}: xid=${reply.xid.toString(16).padStart(8, "0")} time=${elapsed.toFixed(1)} ms\n`,
    );
  }
  vconn.close();
}

export async function benchmark(
  ofctl: Ofctl,
  [target = "", sizeText = "", countText = ""]: Arguments,
): Promise<void> {
  const size = HEADER_LENGTH + payloadSize(sizeText);
  const count = atoi(countText);
  const vconn = await openVconn(ofctl, target);
  ofctl.process.print(
    `Sending ${count} packets * ${size} bytes (with header) = ${count * size} bytes total\n`,
  );
  const payload = new Uint8Array(size - HEADER_LENGTH);
  const start = ofctl.process.monotonic();
  for (let i = 0; i < count; i++) await vconn.transact({ type: "echo_request", payload });
  const elapsed = Math.max(1, ofctl.process.monotonic() - start) / NANOSECONDS_PER_MILLISECOND;
  vconn.close();
  // 0 / 0 as the C library prints it
  const rate = (perSecond: number) => (count === 0 ? "-nan" : perSecond.toFixed(0));
  const perSecond = count / (elapsed / 1000);
  ofctl.process.print(
    `Finished in ${elapsed.toFixed(1)} ms (${rate(perSecond)} packets/s) (${rate(perSecond * size)} bytes/s)\n`,
  );
}

export async function dumpIpfix(
  ofctl: Ofctl,
  [bridge = ""]: Arguments,
  type: "ipfix_bridge_request" | "ipfix_flow_request",
): Promise<void> {
  await dump(ofctl, bridge, () => ({ type }));
}
