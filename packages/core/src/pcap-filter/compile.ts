/**
 * The filter language of pcap-filter(7), compiled to classic BPF as libpcap 1.10.3 compiles it: the same instructions in the
 * same order, with and without optimisation, and the same complaints.
 */
import {
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_JEQ,
  BPF_K,
  BPF_LD,
  BPF_MISC,
  BPF_RET,
  BPF_ST,
  BPF_TAX,
  BPF_W,
  type BpfProgram,
} from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { assemble } from "./assemble.ts";
import { and, conclude, returning, statement, test, type Condition, type Statement } from "./block.ts";
import { Compilation, type CompilationTarget } from "./compilation.ts";
import { clearVlanOffsets } from "./encapsulation.ts";
import { FilterError } from "./filter-error.ts";
import { isWlan } from "./link-layer.ts";
import { optimise as optimiseBlocks } from "./optimize/optimize.ts";
import { Parser } from "./parser.ts";
import { radioHeaderLength, wlanHeaderLength } from "./wlan.ts";

export type FilterTarget = CompilationTarget;

/** DLT_ numbers that are the same in every libpcap: filters are compiled for all of them, and for these lower ones. */
const LOWEST_MATCHING = 104;
const HIGHEST_MATCHING = 289;
const COMPILED_LOW: ReadonlySet<number> = new Set([0, 1, 6, 7, 8, 9, 10, 11, 12, 15, 16, 19, 50, 51, 99]);

/** The program of an expression, or why there is none. */
export function compileFilter(
  expression: string,
  target: FilterTarget,
  optimise = true,
): BpfProgram | FilterError {
  try {
    return compile(expression, target, optimise);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}

function compile(expression: string, target: FilterTarget, optimise: boolean): BpfProgram | FilterError {
  const { linkType } = target;
  if (!COMPILED_LOW.has(linkType) && (linkType < LOWEST_MATCHING || linkType > HIGHEST_MATCHING)) {
    return new FilterError(
      `unknown data link type ${linkType} (min ${LOWEST_MATCHING}, max ${HIGHEST_MATCHING})`,
    );
  }
  if (target.snapLength === 0) return new FilterError("snaplen of 0 rejects all packets");
  const on = new Compilation(target);
  const condition = new Parser(on, expression).parse();
  const root =
    condition === undefined
      ? returning(target.snapLength)
      : conclude(prepared(on, condition), target.snapLength);
  if (!optimise || !on.optimisable) return assemble(root);
  const best = optimiseBlocks(root);
  if (best.code === BPF_RET && best.k === 0) return new FilterError("expression rejects all packets");
  return assemble(best);
}

/** The condition, with what has to be computed before it. */
function prepared(on: Compilation, condition: Condition): Condition {
  const { entry } = condition;
  const before = headerLengths(on, entry.statements[0]);
  if (before !== undefined) entry.statements = [...before, ...entry.statements];
  if (on.linkType !== DLT.PPI) return condition;
  // PPI may hold anything; only 802.11 is understood.
  const isWlanInside = test(BPF_JEQ, swap32(DLT.IEEE802_11), [statement(BPF_LD | BPF_W | BPF_ABS, 4)]);
  return and(isWlanInside, condition);
}

function headerLengths(on: Compilation, next: Statement | undefined): Statement[] | undefined {
  if (isWlan(on.outermostLinkType)) {
    // The payload's offset includes the variable part of the header's.
    if (on.linkPayload.register >= 0 && on.linkHeader.variable && on.linkHeader.register < 0) {
      on.linkHeader.register = on.allocateRegister();
    }
    return wlanHeaderLength(on, radioHeaderLength(on), next);
  }
  if (on.outermostLinkType === DLT.PFLOG && on.linkPayload.register >= 0) {
    // The header has its own length, without padding to 4 bytes.
    return [
      statement(BPF_LD | BPF_ABS | BPF_B, 0),
      statement(BPF_ALU | BPF_ADD | BPF_K, 3),
      statement(BPF_ALU | BPF_AND | BPF_K, 0xffff_fffc),
      statement(BPF_ST, on.linkPayload.register),
      statement(BPF_MISC | BPF_TAX),
    ];
  }
  return on.vlanOffsets ? clearVlanOffsets(on) : undefined;
}

function swap32(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
