// dump-flows: the flows of a datapath, all of them or those that a filter and a type leave.

import { ERRNO } from "../netlink/errno.ts";
import { Match } from "../ovsproto/openflow/match.ts";
import { TextError } from "../ovsproto/openflow/text-error.ts";
import { word } from "../ovsproto/flow/flow.ts";
import type { Flow } from "../ovsproto/flow/flow.ts";
import { parseExactFlow } from "../ovsproto/flow/parse-exact.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";
import type { DpifFlow, Dpifs } from "./dpif.ts";
import { flowFormatter } from "./flows.ts";
import { optionalDpif } from "./open-datapath.ts";

const USAGE = "[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]";

/** Types of flows, and whether those of a datapath in software are among them. */
const TYPES: Readonly<Record<string, boolean>> = {
  ovs: true,
  tc: false,
  dpdk: false,
  offloaded: false,
  "partially-offloaded": false,
  "non-offloaded": true,
  all: true,
};

/** What flows must be like, as far as it has been said. */
interface Filter {
  readonly flow: Flow;
  readonly mask: Flow;
}

interface Selection {
  filter: string | undefined;
  types: string | undefined;
  /** "main" is the thread that is no PMD's. */
  pmd: number | "main" | undefined;
  /** Words before them. */
  count: number;
}

export function addFlowDump(commands: DpctlCommands, dpifs: Dpifs): void {
  commands.add("dump-flows", USAGE, 0, 6, (call) => dumpFlows(dpifs, call));
}

/** What stands at the end, each once; an error number for what is none. */
function readSelection({ words }: DpctlCall): Selection | number {
  const selection: Selection = { filter: undefined, types: undefined, pmd: undefined, count: words.length };
  for (; selection.count > 0; selection.count--) {
    const word_ = words[selection.count - 1] as string;
    if (word_.startsWith("filter=") && selection.filter === undefined) {
      selection.filter = word_.slice("filter=".length);
    } else if (word_.startsWith("type=") && selection.types === undefined) {
      selection.types = word_.slice("type=".length);
    } else if (word_.startsWith("pmd=") && selection.pmd === undefined) {
      const number = /^pmd=([+-]?\d+)/.exec(word_)?.[1];
      if (number === undefined) return ERRNO.EINVAL;
      selection.pmd = Number(number) === -1 ? "main" : Number(number);
    } else break;
  }
  return selection;
}

function dumpFlows(dpifs: Dpifs, call: DpctlCall): number {
  const selection = readSelection(call);
  if (typeof selection === "number") return selection;
  const dpif = optionalDpif(dpifs, call, 2, selection.count);
  if (!dpif) return ERRNO.EINVAL;
  let filter: Filter | undefined;
  if (selection.filter !== undefined) {
    const ports = new Map(dpif.ports().map(({ number, name }) => [number, name] as const));
    const said = new Match();
    try {
      filter = { flow: parseExactFlow(selection.filter, { names: { ports }, said }), mask: said.mask };
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      call.error(0, `Failed to parse filter (${error.message})`);
      return ERRNO.EINVAL;
    }
  }
  if (selection.types !== undefined && !dpifs.tellsTypes) {
    call.error(0, "Invalid argument 'type'. Use 'ovs-appctl dpctl/dump-flows' instead.");
    return ERRNO.EINVAL;
  }
  const types = (selection.types ?? "all").split(",").filter((type) => type !== "");
  const unknown = types.find((type) => TYPES[type] === undefined);
  if (unknown !== undefined) return call.error(ERRNO.EINVAL, `Failed to parse type (${unknown})`);
  const software = types.some((type) => TYPES[type]);
  const format = flowFormatter(dpif, call);
  for (const { core, flows } of dpif.flows()) {
    if (selection.pmd !== undefined && selection.pmd !== (core ?? "main")) continue;
    // The daemon's own datapath names the thread whose flows follow, if it was not asked for.
    const from = core === undefined ? "the main thread" : `pmd on cpu core: ${core}`;
    let title =
      dpif.kernel || selection.pmd !== undefined
        ? ""
        : `flow-dump from ${from}${core === undefined ? ":" : ""}\n`;
    for (const flow of flows) {
      if (!software || (filter && !passes(flow, filter))) continue;
      call.print(`${title}${format(flow)}\n`);
      title = "";
    }
  }
  return 0;
}

/** What the flow does not look at is as if it were zero, and what the filter does not name is not compared. */
function passes({ key, mask }: DpifFlow, filter: Filter): boolean {
  return filter.mask.every((bits, at) => {
    const wanted = word(filter.flow, at) & word(mask, at);
    return ((wanted ^ word(key, at)) & bits) === 0;
  });
}
