/** Commands that change groups and meters, and those that show meters. */
import { flowLines } from "../../ovsproto/openflow/flow-parse.ts";
import type { GroupCommand, GroupMod } from "../../ovsproto/openflow/group-messages.ts";
import { parseGroup, splitGroupCommand } from "../../ovsproto/openflow/group-parse.ts";
import { encodeMessage } from "../../ovsproto/openflow/message-encode.ts";
import { MeterId } from "../../ovsproto/openflow/meter-messages.ts";
import { parseMeter } from "../../ovsproto/openflow/meter-parse.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { ANY_PROTOCOL, formatProtocols, protocolsOfVersion } from "../../ovsproto/openflow/protocols.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { runBundle } from "./bundle.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, finish, printMessage } from "./show-commands.ts";
import { openVconn } from "./vconn.ts";
import type { Vconn } from "./vconn.ts";

type Arguments = readonly string[];

/** Connects with a version that can say what is wanted. */
async function openFor(ofctl: Ofctl, bridge: string, usable: Protocols): Promise<Vconn> {
  let versions = 0;
  for (let version = 1; version <= 6; version++) {
    if ((usable & protocolsOfVersion(version as 1 | 2 | 3 | 4 | 5 | 6)) !== 0) versions |= 1 << version;
  }
  if ((versions & ofctl.options.versions) === 0) {
    throw new Fatal(
      `none of the usable flow formats (${formatProtocols(usable)}) is among the allowed flow formats (${formatProtocols(ofctl.options.protocols)})`,
    );
  }
  return openVconn(ofctl, bridge);
}

async function groupsIn(
  ofctl: Ofctl,
  path: string,
  command: GroupCommand | undefined,
  names: Names,
): Promise<{ mods: GroupMod[]; usable: Protocols }> {
  const text = await ofctl.readText(path);
  const mods: GroupMod[] = [];
  let usable = ANY_PROTOCOL;
  for (const { line, number } of flowLines(text)) {
    const split = command === undefined ? splitGroupCommand(line) : { command, rest: line };
    const parsed = ofctl.parse(() => parseGroup(split.rest, split.command, names), `${path}:${number}: `);
    mods.push(parsed.mod);
    usable &= parsed.usable;
  }
  return { mods, usable };
}

/** OpenFlow 1.1 to 1.4 know no single buckets (bad_group_cmd). Errors: Fatal. */
export function checkGroupCommand({ command }: GroupMod, version: number): void {
  if (command !== "insert_bucket" && command !== "remove_bucket") return;
  if (version === 1 || version === 6) return;
  const name = command.replace("_", "-");
  throw new Fatal(`${name} needs OpenFlow 1.5 or later ('-O OpenFlow15')`);
}

async function sendGroups(
  ofctl: Ofctl,
  bridge: string,
  mods: readonly GroupMod[],
  usable: Protocols,
): Promise<void> {
  const vconn = await openFor(ofctl, bridge, usable);
  for (const mod of mods) checkGroupCommand(mod, vconn.version);
  if (ofctl.options.bundle) await runBundle(ofctl, vconn, mods);
  else for (const mod of mods) await finish(ofctl, vconn, [mod]);
  vconn.close();
}

function changer(command: GroupCommand) {
  return async (ofctl: Ofctl, [bridge = "", text = ""]: Arguments): Promise<void> => {
    const names = ofctl.names(await acceptedNames(ofctl, bridge));
    const wanted = command === "modify" && ofctl.options.mayCreate ? "add_or_mod" : command;
    const parsed = ofctl.parse(() => parseGroup(text, wanted, names));
    await sendGroups(ofctl, bridge, [parsed.mod], parsed.usable);
  };
}

export const addGroup = changer("add");
export const modGroup = changer("modify");
export const delGroups = changer("delete");
export const insertBuckets = changer("insert_bucket");
export const removeBuckets = changer("remove_bucket");

export async function addGroups(ofctl: Ofctl, [bridge = "", path = ""]: Arguments): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const { mods, usable } = await groupsIn(ofctl, path, undefined, names);
  await sendGroups(ofctl, bridge, mods, usable);
}

/** Needs no switch: how a group is understood. */
export function parseGroupCommand(ofctl: Ofctl, [text = ""]: Arguments): void {
  const { mod, usable } = ofctl.parse(() => parseGroup(text, "add", ofctl.names()));
  ofctl.process.print(`usable protocols: ${formatProtocols(usable)}\n`);
  const versions = [1, 2, 3, 4, 5, 6] as const;
  const version = versions.find((candidate) => {
    return (protocolsOfVersion(candidate) & usable & ofctl.options.protocols) !== 0;
  });
  if (version === undefined) throw new Fatal("no usable protocol");
  ofctl.process.print(`chosen version: OpenFlow1${version - 1}\n`);
  ofctl.printBytes(encodeMessage({ version, xid: ofctl.nextXid(), body: mod }), 1);
}

function meterChanger(command: "add" | "modify" | "delete") {
  return async (ofctl: Ofctl, [bridge = "", text]: Arguments): Promise<void> => {
    const { mod, usable } = ofctl.parse(() => parseMeter(text ?? "meter=all", command));
    const vconn = await openFor(ofctl, bridge, usable);
    await finish(ofctl, vconn, [mod]);
    vconn.close();
  };
}

export const addMeter = meterChanger("add");
export const modMeter = meterChanger("modify");
export const delMeters = meterChanger("delete");

function meterDump(type: "meter_request" | "meter_config_request") {
  return async (ofctl: Ofctl, [bridge = "", text]: Arguments): Promise<void> => {
    const meter = text === undefined ? MeterId.ALL : ofctl.parse(() => parseMeter(text, "request")).mod.meter;
    const vconn = await openFor(ofctl, bridge, ofctl.parse(() => parseMeter("meter=all", "request")).usable);
    for (const part of await vconn.transactMultipart({ type, meter }))
      printMessage(ofctl, part, ofctl.options.verbosity);
    vconn.close();
  };
}

export const dumpMeters = meterDump("meter_config_request");
export const meterStats = meterDump("meter_request");

export async function meterFeatures(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openFor(ofctl, bridge, ofctl.parse(() => parseMeter("meter=all", "request")).usable);
  printMessage(ofctl, await vconn.transact({ type: "meter_features_request" }), ofctl.options.verbosity);
  vconn.close();
}
