/** Commands about flows: dump, add, modify, delete, replace, compare. */
import { theField } from "../../ovsproto/openflow/fields.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { FlowStats } from "../../ovsproto/openflow/flow-messages.ts";
import type { FlowMod, FlowModCommand } from "../../ovsproto/openflow/flow-mod.ts";
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import type { ParsedFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { formatFlowStats } from "../../ovsproto/openflow/flow-text.ts";
import type { Match } from "../../ovsproto/openflow/match.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { decodeMessage } from "../../ovsproto/openflow/message-decode.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { normalizeMatch } from "../../ovsproto/openflow/normalize.ts";
import {
  ANY_PROTOCOL,
  formatProtocols,
  OF10_NXM_ANY,
  OF10_ANY,
  Protocol,
  protocolOfVersion,
  protocolsOfVersion,
  protocolVersion,
} from "../../ovsproto/openflow/protocols.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { runBundle } from "./bundle.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, displayedNames, finish, printMessage } from "./show-commands.ts";
import { failWith, openVconn } from "./vconn.ts";
import type { Received, Vconn } from "./vconn.ts";

type Arguments = readonly string[];

/** A flow mod as a message's body in a protocol. */
export function flowModBody(mod: FlowMod, protocol: Protocols): MessageBody {
  const tableId = (protocol & (Protocol.OF10_NXM_TID | Protocol.OF10_STD_TID)) !== 0;
  return {
    type: "flow_mod",
    form: (protocol & OF10_NXM_ANY) !== 0 ? "nxt" : "standard",
    mod,
    ...(tableId ? { tableId: true } : {}),
  };
}

/** Lowest bit: the first that is common. */
const firstOf = (protocols: Protocols): Protocols => protocols & -protocols;

/** Says in the log what the switch will take out of a match: what is sent is as it was written. */
export function tellNormalized(ofctl: Ofctl, match: Match): void {
  const after = match.clone();
  if (normalizeMatch(after)) ofctl.logNormalized(match, after);
}

/** A connection whose peer has been told which protocol of its version is meant. */
export interface FlowConnection {
  readonly vconn: Vconn;
  protocol: Protocols;
}

/** Tells the switch to understand `protocol`: NXM and table ids in flow mods are extensions of OpenFlow 1.0. */
async function setProtocol(ofctl: Ofctl, vconn: Vconn, from: Protocols, to: Protocols): Promise<boolean> {
  const requests: MessageBody[] = [];
  const nxm = (to & OF10_NXM_ANY) !== 0;
  if (nxm !== ((from & OF10_NXM_ANY) !== 0) && (to & OF10_ANY) !== 0)
    requests.push({ type: "set_flow_format", format: nxm ? 2 : 0 });
  const tid = Protocol.OF10_NXM_TID | Protocol.OF10_STD_TID;
  if ((from & tid) !== (to & tid) && (to & OF10_ANY) !== 0)
    requests.push({ type: "flow_mod_table_id", enable: (to & tid) !== 0 });
  for (const request of requests) {
    if (await vconn.transactNoReply([request])) {
      ofctl.log("ofctl", "WARN", `${vconn.name}: failed to set protocol ${formatProtocols(to)}`);
      return false;
    }
  }
  return true;
}

/** Connects for flow mods that can be said in `usable`. */
export async function openForFlowMods(
  ofctl: Ofctl,
  bridge: string,
  usable: Protocols,
): Promise<FlowConnection> {
  const { protocols } = ofctl.options;
  if ((usable & protocols) === 0) {
    throw new Fatal(
      `none of the usable flow formats (${formatProtocols(usable)}) is among the allowed flow formats (${formatProtocols(protocols)})`,
    );
  }
  const vconn = await openVconn(ofctl, bridge);
  const current = protocolOfVersion(vconn.version);
  const candidates = usable & protocols & protocolsOfVersion(vconn.version);
  if ((current & candidates) !== 0) return { vconn, protocol: current };
  for (let rest = candidates; rest !== 0; rest &= rest - 1) {
    const protocol = firstOf(rest);
    if (await setProtocol(ofctl, vconn, current, protocol)) return { vconn, protocol };
  }
  throw new Fatal(
    `switch does not support any of the usable flow formats (${formatProtocols(usable & protocols)})`,
  );
}

/** Connects for reading flows: NXM if OpenFlow 1.0 may have it, since its own match cannot say all. */
/** Formats that take a table's number are none that flows are dumped in. */
export async function openForDump(ofctl: Ofctl, bridge: string): Promise<FlowConnection> {
  const vconn = await openVconn(ofctl, bridge);
  const current = protocolOfVersion(vconn.version);
  const allowed = ofctl.options.protocols;
  if (vconn.version > 1) return { vconn, protocol: current };
  for (const protocol of [Protocol.OF10_NXM, Protocol.OF10_STD]) {
    if ((allowed & protocol) === 0) continue;
    if (protocol === Protocol.OF10_STD || (await setProtocol(ofctl, vconn, current, protocol)))
      return { vconn, protocol };
  }
  throw new Fatal("switch does not support any of the usable flow formats (any)");
}

function requestFrom(
  parsed: ParsedFlow,
  type: "flow_request" | "aggregate_request",
  protocol: Protocols,
): MessageBody {
  const { match, cookie, cookieMask, table, outPort, outGroup } = parsed.flow;
  const form = (protocol & OF10_NXM_ANY) !== 0 ? "nxst" : "standard";
  return { type, form, match, cookie, cookieMask, table, outPort, outGroup };
}

async function openForRequest(
  ofctl: Ofctl,
  bridge: string,
  text: string,
  names: Names,
): Promise<FlowConnection & { parsed: ParsedFlow }> {
  const parsed = ofctl.parse(() => parseFlow(text, "request", names));
  if ((parsed.usable & ofctl.options.protocols) === 0) {
    throw new Fatal(
      `none of the usable flow formats (${formatProtocols(parsed.usable)}) is among the allowed flow formats (${formatProtocols(ofctl.options.protocols)})`,
    );
  }
  return { ...(await openForDump(ofctl, bridge)), parsed };
}

export function flowsOf(parts: readonly Received[]): FlowStats[] {
  return parts.flatMap((part) => {
    const body = part.decoded?.message.body;
    if (body?.type !== "flow_reply") return [];
    // In OpenFlow 1.0 ages come as an extension, which only a whole reply's text tells.
    if (part.decoded?.message.version !== 1) return body.flows;
    return body.flows.map((flow) => ({ ...flow, idleAge: undefined, hardAge: undefined }));
  });
}

/** Parts of a reply decoded again, so that the log tells what is odd about them. */
export function decodedAloud(ofctl: Ofctl, parts: readonly Received[]): Received[] {
  return parts.map((part) => {
    const decoded = decodeMessage(part.bytes, { log: ofctl.decodeLog });
    if (!(decoded instanceof OpenflowError)) return { ...part, decoded };
    ofctl.decodeLog("vconn", "WARN", `parse error in reply (${decoded.name})`);
    throw new Fatal("dump flows", ERRNO.EPROTO);
  });
}

function compareKeys(ofctl: Ofctl): (a: FlowStats, b: FlowStats) => number {
  return (a, b) => {
    for (const { field, descending } of ofctl.options.sort) {
      const missing = field === undefined ? 0 : compareMissing(a, b, field);
      if (missing !== 0) return missing;
      const order = field === undefined ? a.priority - b.priority : compareField(a, b, field);
      if (order !== 0) return descending ? -order : order;
    }
    // the last criterion is never asked for
    return b.priority - a.priority;
  };
}

/** Flows that do not match on the field come last, whichever way is sorted. */
function compareMissing(a: FlowStats, b: FlowStats, name: string): number {
  const field = theField(name);
  return Number(b.match.get(field).mask !== 0n) - Number(a.match.get(field).mask !== 0n);
}

function compareField(a: FlowStats, b: FlowStats, name: string): number {
  const field = theField(name);
  const [first, second] = [a.match.get(field), b.match.get(field)];
  return first.value < second.value ? -1 : first.value > second.value ? 1 : 0;
}

export async function dumpFlows(ofctl: Ofctl, [bridge = "", text = ""]: Arguments): Promise<void> {
  const { options, process } = ofctl;
  const accepted = text === "" ? {} : await acceptedNames(ofctl, bridge);
  const plain = options.sort.length === 0 && options.stats && options.names !== true;
  const shown = plain ? undefined : await displayedNames(ofctl, bridge);
  const { vconn, protocol, parsed } = await openForRequest(ofctl, bridge, text, ofctl.names(accepted));
  const parts = await vconn.transactMultipart(requestFrom(parsed, "flow_request", protocol));
  const failed = parts.find((part) => part.decoded?.message.body.type === "error");
  if (failed && !plain) failWith(ofctl, failed);
  if (plain) for (const part of parts) printMessage(ofctl, part, options.verbosity + 1);
  else {
    const flows = flowsOf(decodedAloud(ofctl, parts));
    if (options.sort.length > 0) flows.sort(compareKeys(ofctl));
    for (const flow of flows) process.print(`${formatFlowStats(flow, options.stats, shown)}\n`);
  }
  vconn.close();
}

export async function dumpAggregate(ofctl: Ofctl, [bridge = "", text = ""]: Arguments): Promise<void> {
  const accepted = text === "" ? {} : await acceptedNames(ofctl, bridge);
  const { vconn, protocol, parsed } = await openForRequest(ofctl, bridge, text, ofctl.names(accepted));
  for (const part of await vconn.transactMultipart(requestFrom(parsed, "aggregate_request", protocol))) {
    printMessage(ofctl, part, ofctl.options.verbosity + 1);
  }
  vconn.close();
}

async function sendFlowMods(
  ofctl: Ofctl,
  bridge: string,
  mods: readonly FlowMod[],
  usable: Protocols,
): Promise<void> {
  if (ofctl.options.bundle) {
    const connection = await openForFlowMods(ofctl, bridge, usable & BUNDLE_PROTOCOLS);
    await runBundle(
      ofctl,
      connection.vconn,
      mods.map((mod) => flowModBody(mod, connection.protocol)),
    );
    connection.vconn.close();
    return;
  }
  const { vconn, protocol } = await openForFlowMods(ofctl, bridge, usable);
  for (const mod of mods) await finish(ofctl, vconn, [flowModBody(mod, protocol)]);
  vconn.close();
}

/** Bundles exist since OpenFlow 1.4, and as an extension in 1.3. */
export const BUNDLE_PROTOCOLS = Protocol.OF13_OXM | Protocol.OF14_OXM | Protocol.OF15_OXM;

/** Reads a file of flows; each line may begin with the command. */
async function flowsInFile(
  ofctl: Ofctl,
  path: string,
  command: FlowModCommand | undefined,
  names: Names,
): Promise<{ mods: FlowMod[]; usable: Protocols }> {
  const text = await ofctl.readText(path);
  let usable = ANY_PROTOCOL;
  const mods: FlowMod[] = [];
  for (const { line, number } of flowLines(text)) {
    const parsed = ofctl.parse(() => parseFlow(line, command, names), `${path}:${number}: `);
    tellNormalized(ofctl, parsed.flow.match);
    mods.push(parsed.flow);
    usable &= parsed.usable;
  }
  return { mods, usable };
}

async function changeFlows(
  ofctl: Ofctl,
  bridge: string,
  text: string | undefined,
  command: FlowModCommand,
): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  if (text === "-" && command !== "add") {
    const { mods, usable } = await flowsInFile(ofctl, "-", command, names);
    await sendFlowMods(ofctl, bridge, mods, usable);
    return;
  }
  const { flow, usable } = ofctl.parse(() => parseFlow(text ?? "", command, names));
  tellNormalized(ofctl, flow.match);
  await sendFlowMods(ofctl, bridge, [flow], usable);
}

export async function addFlow(ofctl: Ofctl, [bridge = "", text = ""]: Arguments): Promise<void> {
  if (text === "-") await addFlows(ofctl, [bridge, text]);
  else await changeFlows(ofctl, bridge, text, "add");
}

export async function addFlows(ofctl: Ofctl, [bridge = "", path = ""]: Arguments): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const { mods, usable } = await flowsInFile(ofctl, path, undefined, names);
  await sendFlowMods(ofctl, bridge, mods, usable);
}

export const modFlows = (ofctl: Ofctl, [bridge = "", text = ""]: Arguments) =>
  changeFlows(ofctl, bridge, text, ofctl.options.strict ? "modify_strict" : "modify");

export const delFlows = (ofctl: Ofctl, [bridge = "", text]: Arguments) =>
  changeFlows(ofctl, bridge, text, ofctl.options.strict ? "delete_strict" : "delete");

// ---- parse-flow and parse-flows, which need no switch

function printFlowMods(ofctl: Ofctl, mods: readonly FlowMod[], usable: Protocols): void {
  const { process, options } = ofctl;
  process.print(`usable protocols: ${formatProtocols(usable)}\n`);
  const candidates = usable & options.protocols;
  if (candidates === 0) throw new Fatal("no usable protocol");
  const protocol = firstOf(candidates);
  process.print(`chosen protocol: ${formatProtocols(protocol)}\n`);
  for (const mod of mods) {
    const bytes = encodeMessage({
      version: protocolVersion(protocol),
      xid: ofctl.nextXid(),
      body: flowModBody(mod, protocol),
    });
    ofctl.printBytes(bytes, options.verbosity);
  }
}

export function parseFlowCommand(ofctl: Ofctl, [text = ""]: Arguments): void {
  const { flow, usable } = ofctl.parse(() => parseFlow(text, "add", ofctl.names()));
  tellNormalized(ofctl, flow.match);
  printFlowMods(ofctl, [flow], usable);
}

export async function parseFlowsCommand(ofctl: Ofctl, [path = ""]: Arguments): Promise<void> {
  const { mods, usable } = await flowsInFile(ofctl, path, "add", ofctl.names());
  printFlowMods(ofctl, mods, usable);
}
