// dpctl/add-flow and its kin: flows that are put into a datapath, changed and taken out by hand, one at a time or from a file.

import { ERRNO } from "../../../../netlink/errno.ts";
import { formatFlow, formatStatistics } from "../../../datapath/format-flow.ts";
import type { FlowFormat } from "../../../datapath/format-flow.ts";
import { parseDpActions } from "../../../datapath/parse-actions.ts";
import { keyFits, maskOf, parseFlow, scanUfid } from "../../../datapath/parse-flow.ts";
import type { ParsedKey } from "../../../datapath/parse-flow.ts";
import { Scanner } from "../../../datapath/scanner.ts";
import type { DpFlow } from "../../../datapath/flow-table.ts";
import { flowsEqual, newFlow, word } from "../../../../ovsproto/flow/flow.ts";
import { ufidOf } from "../../../datapath/ufid.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import type { UnixctlServer } from "../../unixctl.ts";
import { registerDpctl } from "./call.ts";
import type { DpctlCall } from "./call.ts";
import { optionalDpif } from "./open-datapath.ts";
import type { Dpif } from "./open-datapath.ts";

interface PutFlags {
  readonly create: boolean;
  readonly modify: boolean;
}

export function registerFlowCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  const put = (call: DpctlCall, flags: PutFlags) => {
    const dpif = optionalDpif(daemon, call, 4);
    const [key = "", actions = ""] = call.words.slice(-2);
    return dpif ? putFlow(call, dpif, key, actions, flags) : ERRNO.EINVAL;
  };
  registerDpctl(server, "add-flow", "[dp] flow actions", 2, 3, (call) =>
    put(call, { create: true, modify: false }),
  );
  registerDpctl(server, "mod-flow", "[dp] flow actions", 2, 3, (call) =>
    put(call, { create: call.options.mayCreate, modify: true }),
  );
  registerDpctl(server, "get-flow", "[dp] ufid", 1, 2, (call) => getFlow(daemon, call));
  registerDpctl(server, "del-flow", "[dp] flow", 1, 2, (call) => {
    const dpif = optionalDpif(daemon, call, 3);
    return dpif ? deleteFlow(call, dpif, call.words.at(-1) ?? "") : ERRNO.EINVAL;
  });
  registerDpctl(server, "add-flows", "[dp] file", 1, 2, (call) => fromFile(daemon, call, "add"));
  registerDpctl(server, "mod-flows", "[dp] file", 1, 2, (call) => fromFile(daemon, call, "modify"));
  registerDpctl(server, "del-flows", "[dp] [file]", 0, 2, (call) => deleteFlows(daemon, call));
}

/** How flows are shown to a call. */
export function flowFormat({ datapath }: Dpif, call: DpctlCall): FlowFormat {
  return {
    more: call.options.verbose,
    extensionHeaders: datapath.kind === "kernel",
    userspace: datapath.kind !== "kernel",
    ...(call.names ? { names: (number: number) => datapath.ports[number]?.name } : {}),
  };
}

interface FlowText {
  readonly ufid: string | undefined;
  readonly parsed: ParsedKey;
}

/** A flow with its ufid before it, or an error number that the call has been told. */
function readFlow(
  call: DpctlCall,
  { datapath }: Dpif,
  text: string,
  wrong = (error: string) => `parsing flow key (${error})`,
): FlowText | number {
  const scanner = new Scanner(text);
  const ufid = scanUfid(scanner);
  if (ufid === "wrong") return call.error(ERRNO.EINVAL, "parsing flow ufid");
  const parsed = parseFlow(scanner.rest, (name) => datapath.portNamed(name)?.number);
  if (typeof parsed === "string") return call.error(ERRNO.EINVAL, wrong(parsed));
  return { ufid, parsed };
}

function putFlow(call: DpctlCall, dpif: Dpif, text: string, actionText: string, flags: PutFlags): number {
  const { datapath } = dpif;
  const read = readFlow(call, dpif, text);
  if (typeof read === "number") return read;
  const actions = parseDpActions(actionText);
  if (typeof actions === "number") return call.error(actions, "parsing actions");
  const refused = (errno: number) => call.error(errno, "updating flow table");
  const { parsed, ufid } = read;
  if (keyFits(parsed) !== "perfect") return refused(ERRNO.EINVAL);
  const { key } = parsed;
  const mask = maskOf(parsed);
  const masked = newFlow();
  for (let at = 0; at < masked.length; at++) masked[at] = word(key, at) & word(mask, at);
  const known =
    ufid === undefined ? datapath.table.lookup(masked) : (datapath.table.byUfid.get(ufid) ?? undefined);
  let flow: DpFlow;
  if (!known) {
    if (!flags.create) return refused(ERRNO.ENOENT);
    flow = datapath.addFlow(key, mask, ufid ?? ufidOf(key, mask), actions);
    dpif.backer?.wake();
  } else {
    if (!flags.modify) return refused(flags.create ? ERRNO.EEXIST : ERRNO.EINVAL);
    flow = known;
    flow.actions = actions;
  }
  if (call.options.statistics) call.print(`${formatStatistics(flow, datapath.now)}\n`);
  if (known && call.options.zeroStatistics) known.resetCounters();
  return 0;
}

function deleteFlow(call: DpctlCall, dpif: Dpif, text: string): number {
  const read = readFlow(call, dpif, text, (error) => error);
  if (typeof read === "number") return read;
  const { parsed, ufid } = read;
  const { table, now } = dpif.datapath;
  const found =
    ufid === undefined
      ? [...table.flows].find(({ seen, key }) => flowsEqual(seen ?? key, parsed.key))
      : table.byUfid.get(ufid);
  if (!found) {
    const errno = call.error(ERRNO.ENOENT, "deleting flow");
    if (ufid === undefined) call.print("Perhaps you need to specify a UFID?\n");
    return errno;
  }
  if (dpif.backer) dpif.backer.forgetFlow(found);
  else table.remove(found);
  if (call.options.statistics) call.print(`${formatStatistics(found, now)}\n`);
  return 0;
}

function getFlow(daemon: SwitchDaemon, call: DpctlCall): number {
  const dpif = optionalDpif(daemon, call, 3);
  if (!dpif) return ERRNO.EINVAL;
  const ufid = scanUfid(new Scanner(call.words.at(-1) ?? ""));
  if (ufid === undefined || ufid === "wrong") {
    call.error(ufid === undefined ? 0 : ERRNO.EINVAL, "parsing flow ufid");
    return 0; // as the original, which forgets that
  }
  const flow = dpif.datapath.table.byUfid.get(ufid);
  if (!flow) return call.error(ERRNO.ENOENT, "getting flow");
  call.print(`${formatFlow(flow, dpif.datapath.now, flowFormat(dpif, call))}\n`);
  return 0;
}

function deleteFlows(daemon: SwitchDaemon, call: DpctlCall): number {
  const [first, second] = call.words;
  const named = first !== undefined && /^[\w-]+@/.test(first);
  if (second !== undefined || (first !== undefined && !named)) return fromFile(daemon, call, "delete");
  const dpif = optionalDpif(daemon, call, 2);
  if (!dpif) return ERRNO.EINVAL;
  if (dpif.backer) dpif.backer.purge();
  else dpif.datapath.table.clear();
  return 0;
}

type FlowCommand = "add" | "modify" | "delete";

/** dpctl_process_flows(): lines of `[add|modify|delete] FLOW [ACTIONS]`; the command's own name is what a line without one does. */
function fromFile(daemon: SwitchDaemon, call: DpctlCall, standard: FlowCommand): number {
  const dpif = optionalDpif(daemon, call, 4);
  if (!dpif) return ERRNO.EINVAL;
  const name = call.words.at(-1) ?? "";
  const { directory } = daemon.host;
  const path = name.startsWith("/") ? name : `${directory === "/" ? "" : directory}/${name}`;
  const bytes = daemon.host.readFile(path);
  if (!bytes) {
    call.error(ERRNO.ENOENT, `Opening file "${name}" failed`);
    return 0; // as the original, which forgets that
  }
  const lines = new TextDecoder().decode(bytes).split("\n");
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/#.*/, "");
    if (text.trim() === "") continue;
    const { command, flow, actions } = readLine(text, standard);
    if ((command === "delete") === (actions !== undefined)) {
      call.error(0, `Failed parsing line number ${index + 1}, skipped!`);
    } else if (command === "delete") deleteFlow(call, dpif, flow);
    else {
      const flags = { create: command === "add", modify: command === "modify" };
      putFlow(call, dpif, flow, actions ?? "", flags);
    }
  }
  return 0;
}

function readLine(
  line: string,
  standard: FlowCommand,
): { readonly command: FlowCommand; readonly flow: string; readonly actions: string | undefined } {
  const [, given, rest = ""] = /^\s*(?:(add|modify|delete)(?=[, \t\r\n]))?[, \t]*(.*)$/s.exec(line) ?? [];
  const space = rest.trimStart().search(/\s/);
  const flow = space < 0 ? rest.trim() : rest.trimStart().slice(0, space);
  const actions = space < 0 ? "" : rest.trimStart().slice(space).trim();
  return {
    command: (given as FlowCommand | undefined) ?? standard,
    flow,
    actions: actions === "" ? undefined : actions,
  };
}
