/**
 * Value numbering: two registers with the same number hold the same value, whatever the packet. Statements are evaluated
 * over numbers, and those that compute what is known become constants or vanish.
 */
import {
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_AND,
  BPF_B,
  BPF_DIV,
  BPF_IMM,
  BPF_IND,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_LEN,
  BPF_LSH,
  BPF_MEM,
  BPF_MISC,
  BPF_MOD,
  BPF_MSH,
  BPF_MUL,
  BPF_NEG,
  BPF_OR,
  BPF_RSH,
  BPF_ST,
  BPF_STX,
  BPF_TAX,
  BPF_TXA,
  BPF_X,
  BPF_XOR,
  bpfClass,
  bpfMode,
  bpfOperation,
  bpfSize,
} from "../../wire/bpf/instruction.ts";
import { calculateBpf } from "../../wire/bpf/machine.ts";
import type { Statement } from "../block.ts";
import { refuse } from "../filter-error.ts";
import { A, X } from "./flow-graph.ts";

/** Nothing is known about the value. */
export const UNKNOWN = 0;

const CONSTANT = BPF_LD | BPF_IMM;

export class ValueNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #constants = new Map<number, number>();
  #last = UNKNOWN;
  /** Something was made simpler; it may be worth another round. */
  changed = false;

  /** The number of what `code` computes from its operands: constants, or numbers of values. */
  of(code: number, first: number, second = 0): number {
    const key = `${code} ${first} ${second}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = ++this.#last;
    this.#numbers.set(key, number);
    if (code === CONSTANT) this.#constants.set(number, first);
    return number;
  }

  ofConstant(k: number): number {
    return this.of(CONSTANT, k);
  }

  /** The value itself, if it does not depend on the packet. */
  constant(number: number): number | undefined {
    return this.#constants.get(number);
  }

  /** Follows a statement. @param alter whether it may be changed */
  evaluate(one: Statement, values: Int32Array, alter: boolean): void {
    if (one.deleted === true) return;
    const { code, k } = one;
    switch (bpfClass(code)) {
      case BPF_LD:
        this.#load(one, values, alter);
        return;
      case BPF_LDX:
        if (code === (BPF_LDX | BPF_IMM)) store(one, values, X, this.ofConstant(k), alter);
        else if (code === (BPF_LDX | BPF_MSH | BPF_B)) store(one, values, X, this.of(code, k), alter);
        else if (code === (BPF_LDX | BPF_MEM)) this.#fromMemory(one, values, X, BPF_LDX | BPF_IMM, alter);
        return;
      case BPF_ALU:
        this.#calculate(one, values, alter);
        return;
      case BPF_MISC:
        if (code === (BPF_MISC | BPF_TXA)) store(one, values, A, values[X] as number, alter);
        else if (code === (BPF_MISC | BPF_TAX)) store(one, values, X, values[A] as number, alter);
        return;
      case BPF_ST:
        store(one, values, k, values[A] as number, alter);
        return;
      case BPF_STX:
        store(one, values, k, values[X] as number, alter);
        return;
    }
  }

  #load(one: Statement, values: Int32Array, alter: boolean): void {
    switch (bpfMode(one.code)) {
      case BPF_ABS:
        store(one, values, A, this.of(one.code, one.k), alter);
        return;
      case BPF_IND: {
        const index = values[X] as number;
        const known = this.constant(index);
        let value: number;
        if (alter && known !== undefined) {
          one.code = BPF_LD | BPF_ABS | bpfSize(one.code);
          one.k = (one.k + known) >>> 0;
          value = this.of(one.code, one.k);
          this.changed = true;
        } else value = this.of(one.code, one.k, index);
        store(one, values, A, value, alter);
        return;
      }
      case BPF_LEN:
        store(one, values, A, this.of(one.code, 0), alter);
        return;
      case BPF_IMM:
        store(one, values, A, this.ofConstant(one.k), alter);
        return;
      case BPF_MEM:
        this.#fromMemory(one, values, A, BPF_LD | BPF_IMM, alter);
        return;
    }
  }

  #fromMemory(one: Statement, values: Int32Array, register: number, immediate: number, alter: boolean): void {
    const value = values[one.k] as number;
    const known = this.constant(value);
    if (alter && known !== undefined) {
      one.code = immediate;
      one.k = known;
      this.changed = true;
    }
    store(one, values, register, value, alter);
  }

  #calculate(one: Statement, values: Int32Array, alter: boolean): void {
    const operation = bpfOperation(one.code);
    const before = values[A] as number;
    const known = this.constant(before);
    if (operation === BPF_NEG) {
      if (alter && known !== undefined) {
        one.code = BPF_LD | BPF_IMM;
        one.k = -known >>> 0;
        values[A] = this.ofConstant(one.k);
      } else values[A] = this.of(one.code, before);
    } else if ((one.code & BPF_X) === 0) this.#withConstant(one, operation, values, alter);
    else this.#withIndex(one, operation, values, alter);
  }

  #withConstant(one: Statement, operation: number, values: Int32Array, alter: boolean): void {
    const before = values[A] as number;
    if (alter) {
      if (one.k === 0) {
        // Not "sub #0": the comparison after it may need it.
        if ([BPF_ADD, BPF_LSH, BPF_RSH, BPF_OR, BPF_XOR].includes(operation)) {
          one.deleted = true;
          return;
        }
        if (operation === BPF_MUL || operation === BPF_AND) {
          one.code = BPF_LD | BPF_IMM;
          values[A] = this.ofConstant(0);
          return;
        }
      }
      const known = this.constant(before);
      if (known !== undefined) {
        this.#fold(one, operation, known, one.k);
        values[A] = this.ofConstant(one.k);
        return;
      }
    }
    values[A] = this.of(one.code, before, this.ofConstant(one.k));
  }

  #withIndex(one: Statement, operation: number, values: Int32Array, alter: boolean): void {
    const before = values[A] as number;
    const known = this.constant(before);
    const index = this.constant(values[X] as number);
    if (alter && index !== undefined) {
      if (known !== undefined) {
        this.#fold(one, operation, known, index);
        values[A] = this.ofConstant(one.k);
      } else {
        if (index === 0 && operation === BPF_DIV) refuse("division by zero");
        if (index === 0 && operation === BPF_MOD) refuse("modulus by zero");
        if (index > 31 && (operation === BPF_LSH || operation === BPF_RSH))
          refuse("shift by more than 31 bits");
        one.code = BPF_ALU | BPF_K | operation;
        one.k = index;
        this.changed = true;
        values[A] = this.of(one.code, before, this.ofConstant(one.k));
      }
      return;
    }
    if (alter && known === 0) {
      if (operation === BPF_ADD || operation === BPF_OR || operation === BPF_XOR) {
        one.code = BPF_MISC | BPF_TXA;
        store(one, values, A, values[X] as number, alter);
        return;
      }
      if ([BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND, BPF_LSH, BPF_RSH].includes(operation)) {
        one.code = BPF_LD | BPF_IMM;
        one.k = 0;
        store(one, values, A, this.ofConstant(0), alter);
        return;
      }
    }
    values[A] = this.of(one.code, before, values[X]);
  }

  #fold(one: Statement, operation: number, first: number, second: number): void {
    one.k =
      calculateBpf(operation, first, second) ??
      refuse(operation === BPF_MOD ? "modulus by zero" : "division by zero");
    one.code = BPF_LD | BPF_IMM;
    this.changed = true;
  }
}

/** Notes a register's value; a statement that does not change it is of no use. */
function store(one: Statement, values: Int32Array, register: number, value: number, alter: boolean): void {
  if (alter && value !== UNKNOWN && values[register] === value) one.deleted = true;
  else values[register] = value;
}
