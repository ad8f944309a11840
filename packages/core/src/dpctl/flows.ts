// add-flow and its kin: flows that are put into a datapath, changed and taken out by hand, one at a time or from a file.

import { ERRNO, strerror } from "../netlink/errno.ts";
import { formatDpActions, UPCALL_PID } from "../ovsproto/datapath/format-actions.ts";
import { formatAttributes } from "../ovsproto/datapath/format-attributes.ts";
import { formatFlow, formatStatistics } from "../ovsproto/datapath/format-flow.ts";
import type { FlowFormat } from "../ovsproto/datapath/format-flow.ts";
import { parseDpActions } from "../ovsproto/datapath/parse-actions.ts";
import { newParsedKey, parseFlow, scanUfid } from "../ovsproto/datapath/parse-flow.ts";
import { Scanner } from "../ovsproto/datapath/scanner.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { Dpif, DpifFlow, Dpifs, FlowName, FlowPut } from "./dpif.ts";
import { dpifName, namesDpif, optionalDpif } from "./open-datapath.ts";

type PutFlags = Pick<FlowPut, "create" | "modify">;

export function addFlowCommands(commands: DpctlCommands, dpifs: Dpifs): void {
  const put = (call: DpctlCall, flags: PutFlags) => {
    const dpif = optionalDpif(dpifs, call, 4);
    const [key = "", actions = ""] = call.words.slice(-2);
    return dpif ? putFlow(call, dpif, key, actions, flags) : ERRNO.EINVAL;
  };
  commands.add("add-flow", "[dp] flow actions", 2, 3, (call) => put(call, { create: true, modify: false }));
  commands.add("mod-flow", "[dp] flow actions", 2, 3, (call) =>
    put(call, { create: call.options.mayCreate, modify: true }),
  );
  commands.add("get-flow", "[dp] ufid", 1, 2, (call) => getFlow(dpifs, call));
  commands.add("del-flow", "[dp] flow", 1, 2, (call) => {
    const dpif = optionalDpif(dpifs, call, 3);
    return dpif ? deleteFlow(call, dpif, call.words.at(-1) ?? "") : ERRNO.EINVAL;
  });
  commands.add("add-flows", "[dp] file", 1, 2, (call) => fromFile(dpifs, call, "add"));
  commands.add("mod-flows", "[dp] file", 1, 2, (call) => fromFile(dpifs, call, "modify"));
  commands.add("del-flows", "[dp] [file]", 0, 2, (call) => deleteFlows(dpifs, call));
}

/** How the flows of a datapath are shown to a call. */
export function flowFormatter(dpif: Dpif, call: DpctlCall): (flow: DpifFlow) => string {
  const ports = call.names
    ? new Map(dpif.ports().map(({ number, name }) => [number, name] as const))
    : undefined;
  const format: FlowFormat = {
    more: call.options.verbose,
    userspace: !dpif.kernel,
    tagLimit: dpif.tagLimit,
    ...(ports ? { names: (number: number) => ports.get(number) } : {}),
  };
  return (flow) => formatFlow(flow, dpif.now, { ...format, extensionHeaders: flow.extensionHeaders });
}

/** A flow with its ufid before it, or an error number that the call has been told. */
function readFlow(
  call: DpctlCall,
  dpif: Dpif,
  text: string,
  wrong = (error: string) => `parsing flow key (${error})`,
): FlowName | number {
  const scanner = new Scanner(text);
  const ufid = scanUfid(scanner);
  if (ufid === "wrong") return call.error(ERRNO.EINVAL, "parsing flow ufid");
  const parsed = parseFlow(scanner.rest, (name) => dpif.portNamed(name)?.number);
  if (typeof parsed === "string") return call.error(ERRNO.EINVAL, wrong(parsed));
  return { ufid, parsed };
}

/** log_flow_message() */
function warn(
  call: DpctlCall,
  dpif: Dpif,
  errno: number,
  { operation, ufid, parsed, rest = "" }: FlowName & { readonly operation: string; readonly rest?: string },
): void {
  // Flows may meet in a datapath that has made one of them wider; that is no more than a word for debugging (flow_message_log_level).
  if (errno === ERRNO.EEXIST) return;
  const name = ufid === undefined ? "" : `ufid:${ufid} `;
  const key = formatAttributes(parsed, !operation.startsWith("put"));
  const failed = `failed to ${operation} (${strerror(errno)})`;
  call.log("dpif", "warn", `${dpifName(dpif)}: ${failed} ${name}${key}${rest}`);
}

function putFlow(call: DpctlCall, dpif: Dpif, text: string, actionText: string, flags: PutFlags): number {
  const read = readFlow(call, dpif, text);
  if (typeof read === "number") return read;
  const actions = parseDpActions(actionText);
  if (typeof actions === "number") return call.error(actions, "parsing actions");
  const { statistics, zeroStatistics } = call.options;
  const put = dpif.putFlow({ ...read, actions, ...flags, zeroStatistics });
  if (typeof put === "number") {
    const how = [
      ...(flags.create ? ["create"] : []),
      ...(flags.modify ? ["modify"] : []),
      ...(zeroStatistics ? ["zero"] : []),
    ];
    const what = formatDpActions(actions, undefined, dpif.kernel ? UPCALL_PID : 0);
    warn(call, dpif, put, {
      operation: `put${how.map((each) => `[${each}]`).join("")}`,
      ...read,
      rest: `, actions:${what}`,
    });
    return call.error(put, "updating flow table");
  }
  if (statistics) call.print(`${formatStatistics(put, dpif.now)}\n`);
  return 0;
}

function deleteFlow(call: DpctlCall, dpif: Dpif, text: string): number {
  const read = readFlow(call, dpif, text, (error) => error);
  if (typeof read === "number") return read;
  const deleted = dpif.deleteFlow(read);
  if (typeof deleted === "number") {
    warn(call, dpif, deleted, { operation: "flow_del", ...read });
    call.error(deleted, "deleting flow");
    if (deleted === ERRNO.ENOENT) call.print("Perhaps you need to specify a UFID?\n");
    return deleted;
  }
  if (call.options.statistics) call.print(`${formatStatistics(deleted, dpif.now)}\n`);
  return 0;
}

function getFlow(dpifs: Dpifs, call: DpctlCall): number {
  const dpif = optionalDpif(dpifs, call, 3);
  if (!dpif) return ERRNO.EINVAL;
  const ufid = scanUfid(new Scanner(call.words.at(-1) ?? ""));
  if (ufid === undefined || ufid === "wrong") {
    call.error(ufid === undefined ? 0 : ERRNO.EINVAL, "parsing flow ufid");
    return 0; // as the original, which forgets that
  }
  const flow = dpif.flowNamed(ufid);
  if (typeof flow === "number") {
    const none = { packets: 0, bytes: 0, used: undefined, tcpFlags: 0 };
    const rest = `, ${formatStatistics(none, dpif.now)}`;
    warn(call, dpif, flow, { operation: "flow_get", ufid, parsed: newParsedKey(), rest });
    return call.error(flow, "getting flow");
  }
  call.print(`${flowFormatter(dpif, call)(flow)}\n`);
  return 0;
}

function deleteFlows(dpifs: Dpifs, call: DpctlCall): number {
  const [first, second] = call.words;
  if (second !== undefined || (first !== undefined && !namesDpif(dpifs, call)))
    return fromFile(dpifs, call, "delete");
  const dpif = optionalDpif(dpifs, call, 2);
  if (!dpif) return ERRNO.EINVAL;
  const errno = dpif.flush();
  return errno === 0 ? 0 : call.error(errno, "deleting all flows");
}

type FlowCommand = "add" | "modify" | "delete";

/** dpctl_process_flows(): lines of `[add|modify|delete] FLOW [ACTIONS]`; the command's own name is what a line without one does. */
function fromFile(dpifs: Dpifs, call: DpctlCall, standard: FlowCommand): number {
  const dpif = optionalDpif(dpifs, call, 4);
  if (!dpif) return ERRNO.EINVAL;
  const name = call.last;
  const bytes = dpifs.readFile(name);
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
