// The filter of a capture: the words of the command line or a file (-F), compiled for where the packets come from; -d prints
// the code.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { compileFilter, type FilterTarget } from "../../pcap-filter/compile.ts";
import { FilterError } from "../../pcap-filter/filter-error.ts";
import type { Process } from "../../system/process.ts";
import type { BpfProgram } from "../../wire/bpf/instruction.ts";
import { listBpf } from "../../wire/bpf/listing.ts";
import { runBpf } from "../../wire/bpf/machine.ts";
import { filterNames } from "./filter-names.ts";
import { error } from "./options.ts";
import type { Options } from "./options.ts";
import type { PacketFilter } from "./packet-source.ts";

/** read_infile(): a comment goes from # to the end of its line. */
function filterText(process: Process, options: Options): string {
  const { filterFile: path } = options;
  if (path === undefined) return options.expression.join(" ");
  try {
    const text = new TextDecoder("latin1").decode(process.files.readFile(path));
    return text.replace(/#[^\n]*/g, (comment) => " ".repeat(comment.length));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return error(process, `can't open ${path}: ${strerror(refusal.errno)}`);
  }
}

/** Ends the program if the expression is wrong. */
export function filterProgram(
  process: Process,
  options: Options,
  source: Pick<FilterTarget, "linkType" | "snapLength" | "savefile" | "vlanBesideFrame">,
): BpfProgram {
  const target: FilterTarget = { ...source, netmask: 0, names: filterNames(process) };
  const program = compileFilter(filterText(process, options), target, options.optimize);
  return program instanceof FilterError ? error(process, program.text) : program;
}

/** -d: the program and nothing else. */
export function printProgram(process: Process, program: BpfProgram, times: number): void {
  process.print(listBpf(program, times === 1 ? "text" : times === 2 ? "c" : "decimal"));
}

/** A filter that the program runs itself. */
export function ownFilter(program: BpfProgram): PacketFilter {
  return {
    matches: ({ bytes, start, captured, length }) =>
      runBpf(program, bytes, start, start + captured, length) !== 0,
  };
}
