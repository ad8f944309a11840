// A filter for captures with Linux's cooked header, as the kernel can run it: the header is not in the packet there, but
// its fields are known beside it, and everything else is nearer to the start (fix_program() of libpcap).

import {
  BPF_ABS,
  BPF_ANCILLARY,
  BPF_B,
  BPF_IND,
  BPF_LD,
  BPF_LDX,
  BPF_MSH,
  BPF_RET,
  BpfAncillary,
  bpfClass,
  bpfMode,
  type BpfInstruction,
  type BpfProgram,
} from "../../wire/bpf/instruction.ts";
import { DLT } from "../../wire/link-types.ts";

const KEEP_ALL = 0x4_0000; // bytes

/** Fields of the header that are known beside the packet, by offset. */
const FIELDS: ReadonlyMap<number, { readonly length: number; readonly known: ReadonlyMap<number, number> }> =
  new Map([
    [
      DLT.LINUX_SLL,
      {
        length: 16,
        known: new Map<number, number>([
          [0, BpfAncillary.PACKET_TYPE],
          [14, BpfAncillary.PROTOCOL],
        ]),
      },
    ],
    [
      DLT.LINUX_SLL2,
      {
        length: 20,
        known: new Map<number, number>([
          [0, BpfAncillary.PROTOCOL],
          [4, BpfAncillary.IFINDEX],
          [8, BpfAncillary.HARDWARE_TYPE],
          [10, BpfAncillary.PACKET_TYPE],
        ]),
      },
    ],
  ]);

/** Undefined if the program looks at something that the kernel does not have. */
export function cookedForKernel(program: BpfProgram, linkType: number): BpfProgram | undefined {
  const header = FIELDS.get(linkType);
  if (header === undefined) return undefined;
  const result: BpfInstruction[] = [];
  for (const one of program) {
    if (one.code === BPF_RET) {
      result.push(one.k === 0 ? one : { ...one, k: KEEP_ALL });
      continue;
    }
    const isLoad =
      (bpfClass(one.code) === BPF_LD && (bpfMode(one.code) === BPF_ABS || bpfMode(one.code) === BPF_IND)) ||
      one.code === (BPF_LDX | BPF_MSH | BPF_B);
    if (!isLoad || one.k >= BPF_ANCILLARY) {
      result.push(one);
      continue;
    }
    if (one.k >= header.length) {
      result.push({ ...one, k: one.k - header.length });
      continue;
    }
    const beside = header.known.get(one.k);
    if (beside === undefined || bpfMode(one.code) !== BPF_ABS) return undefined;
    result.push({ ...one, k: BPF_ANCILLARY + beside });
  }
  return result;
}
