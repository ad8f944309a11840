/**
 * The state of a compilation: what the packet looks like at this point of the expression, and which words of scratch
 * memory are in use. Encapsulations (`vlan`, `mpls`, `pppoes`, `geneve`) move the offsets for all that comes after them in
 * the text, as libpcap has it.
 */
import {
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_ABS,
  BPF_B,
  BPF_H,
  BPF_IND,
  BPF_JEQ,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LSH,
  BPF_MEM,
  BPF_MEMORY_WORDS,
  BPF_MISC,
  BPF_MSH,
  BPF_TAX,
  BPF_W,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { and, statement, test, type Condition, type Statement } from "./block.ts";
import { refuse } from "./filter-error.ts";
import type { FilterNames } from "./filter-names.ts";
import { linkLayerOf, type LinkLayer } from "./link-layer.ts";

/** An offset in the packet: a constant, plus what a word of scratch memory holds if it is variable. */
export interface PacketOffset {
  constant: number;
  variable: boolean;
  /** Word of scratch memory; -1 until somebody needs it. */
  register: number;
}

function offset(constant: number, variable = false): PacketOffset {
  return { constant, variable, register: -1 };
}

/** What an offset in a filter is relative to. */
export type Base =
  | "packet"
  | "link header"
  | "previous link header"
  | "link type"
  | "llc"
  | "previous mpls header"
  | "network"
  | "network after llc"
  | "ipv4 payload"
  | "ipv6 payload";

export interface CompilationTarget {
  /** libpcap's number (DLT). */
  readonly linkType: number;
  readonly snapLength: number;
  /** Of the interface, host order; undefined if it is not known. */
  readonly netmask?: number | undefined;
  /** The packets come from a file, so that nothing is known but their bytes. */
  readonly savefile?: { readonly swapped: boolean } | undefined;
  /** The kernel runs the filter, and may keep VLAN tags beside the frame. */
  readonly vlanBesideFrame?: boolean;
  readonly names: FilterNames;
}

export class Compilation {
  readonly target: CompilationTarget;
  readonly layer: LinkLayer;
  readonly outermostLinkType: number;
  linkType: number;
  previousLinkType: number;
  readonly outermostLinkHeader: PacketOffset;
  previousLinkHeader: PacketOffset = offset(0);
  linkHeader: PacketOffset;
  linkTypeField: PacketOffset;
  linkPayload: PacketOffset;
  /** Offset of the network header in the payload, and the same after LLC without SNAP. */
  network: number;
  networkAfterLlc: number;
  mplsDepth = 0;
  vlanDepth = 0;
  insideGeneve = false;
  /** The offsets of payload and type depend on a VLAN tag that may be beside the frame. */
  vlanOffsets = false;
  /** The code has jumps inside blocks or backwards, which the optimiser does not understand. */
  optimisable = true;

  readonly #used: boolean[] = Array.from({ length: BPF_MEMORY_WORDS }, () => false);
  #register = 0;

  constructor(target: CompilationTarget) {
    this.target = target;
    this.linkType = this.previousLinkType = this.outermostLinkType = target.linkType;
    this.layer = linkLayerOf(target.linkType);
    this.outermostLinkHeader = offset(this.layer.header ?? 0);
    this.linkHeader = offset(this.layer.header ?? 0, this.layer.variablePrefix);
    this.linkTypeField = offset(this.layer.type);
    this.linkPayload = offset(this.layer.payload, this.layer.variableHeader);
    this.network = this.layer.network ?? 0;
    this.networkAfterLlc = this.layer.networkAfterLlc ?? 0;
  }

  /** From here on, `linkType` is inside of what it was inside of. */
  pushLinkHeader(linkType: number, header: PacketOffset): void {
    this.previousLinkHeader = this.linkHeader;
    this.linkHeader = header;
    this.previousLinkType = this.linkType;
    this.linkType = linkType;
  }

  allocateRegister(): number {
    for (let tried = 0; tried < BPF_MEMORY_WORDS; tried++) {
      if (this.#used[this.#register] !== true) {
        this.#used[this.#register] = true;
        return this.#register;
      }
      this.#register = (this.#register + 1) % BPF_MEMORY_WORDS;
    }
    return refuse("too many registers needed to evaluate expression");
  }

  freeRegister(register: number): void {
    this.#used[register] = false;
  }

  // ---- loads

  /** Code that puts the variable part of an offset into X; undefined if it has none. */
  loadVariablePart(of: PacketOffset): Statement[] | undefined {
    if (!of.variable) return undefined;
    if (of.register < 0) of.register = this.allocateRegister();
    return [statement(BPF_LDX | BPF_MEM, of.register)];
  }

  #loadFrom(base: PacketOffset, at: number, size: number): Statement[] {
    const variable = this.loadVariablePart(base);
    return variable === undefined
      ? [statement(BPF_LD | BPF_ABS | size, base.constant + at)]
      : [...variable, statement(BPF_LD | BPF_IND | size, base.constant + at)];
  }

  /** Code that loads a field of `size` (BPF_B, BPF_H or BPF_W). */
  load(base: Base, at: number, size: number): Statement[] {
    switch (base) {
      case "packet":
        return [statement(BPF_LD | BPF_ABS | size, at)];
      case "link header":
        return this.#loadFrom(this.linkHeader, at, size);
      case "previous link header":
        return this.#loadFrom(this.previousLinkHeader, at, size);
      case "link type":
        return this.#loadFrom(this.linkTypeField, at, size);
      case "llc":
        return this.#loadFrom(this.linkPayload, at, size);
      case "previous mpls header":
        return this.#loadFrom(this.linkPayload, this.network - 4 + at, size);
      case "network":
        return this.#loadFrom(this.linkPayload, this.network + at, size);
      case "network after llc":
        return this.#loadFrom(this.linkPayload, this.networkAfterLlc + at, size);
      case "ipv4 payload":
        return [
          ...this.loadIpv4HeaderLength(),
          statement(BPF_LD | BPF_IND | size, this.linkPayload.constant + this.network + at),
        ];
      case "ipv6 payload":
        return this.#loadFrom(this.linkPayload, this.network + 40 + at, size);
    }
  }

  /** Code that puts the length of the IPv4 header into X, plus the variable part of the payload's offset. */
  loadIpv4HeaderLength(): Statement[] {
    const variable = this.loadVariablePart(this.linkPayload);
    const at = this.linkPayload.constant + this.network;
    if (variable === undefined) return [statement(BPF_LDX | BPF_MSH | BPF_B, at)];
    return [
      ...variable,
      statement(BPF_LD | BPF_IND | BPF_B, at),
      statement(BPF_ALU | BPF_AND | BPF_K, 0x0f),
      statement(BPF_ALU | BPF_LSH | BPF_K, 2),
      statement(BPF_ALU | BPF_ADD | BPF_X),
      statement(BPF_MISC | BPF_TAX),
    ];
  }

  // ---- comparisons of a field with a constant

  compare(base: Base, at: number, size: number, jump: number, value: number, mask = 0xffff_ffff): Condition {
    const statements = this.load(base, at, size);
    if (mask !== 0xffff_ffff) statements.push(statement(BPF_ALU | BPF_AND | BPF_K, mask));
    return test(jump, value, statements);
  }

  equal(base: Base, at: number, size: number, value: number, mask = 0xffff_ffff): Condition {
    return this.compare(base, at, size, BPF_JEQ, value, mask);
  }

  /** `bytes` stand at `at`; the last ones are compared first, as they differ most. */
  equalBytes(base: Base, at: number, bytes: ArrayLike<number>): Condition {
    let result: Condition | undefined;
    for (let left = bytes.length; left > 0;) {
      const width = left >= 4 ? 4 : left >= 2 ? 2 : 1;
      left -= width;
      let value = 0;
      for (let index = 0; index < width; index++) value = value * 256 + (bytes[left + index] as number);
      const next = this.equal(base, at + left, width === 4 ? BPF_W : width === 2 ? BPF_H : BPF_B, value);
      result = result === undefined ? next : and(result, next);
    }
    return result as Condition;
  }
}

/** All of them, from the first to the last. */
export function allOf(first: Condition, ...rest: readonly Condition[]): Condition {
  return rest.reduce(and, first);
}
