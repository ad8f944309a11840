// Evaluates shell arithmetic on 64-bit two's complement integers. A variable's value is itself an expression
// (bash(1), ARITHMETIC EVALUATION), so evaluation may recurse.

import type { Arithmetic, Place } from "./parse.ts";
import { ArithmeticFault, parseArithmetic } from "./parse.ts";

/** The variables that an expression works on. Subscripts are given as text, after their own evaluation if indexed. */
export interface ArithmeticVariables {
  /** Undefined if unset. May throw for `set -u`. */
  read(name: string, key: string | undefined): string | undefined;
  write(name: string, key: string | undefined, value: string): void;
  isAssociative(name: string): boolean;
}

const MAX_DEPTH = 1024; // as bash's MAX_EXPR_RECURSION_LEVEL

/** Value of an expression. Throws ArithmeticFault. */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables): bigint {
  return evaluate(parseArithmetic(text), variables, 0);
}

function keyOf(place: Place, variables: ArithmeticVariables, depth: number): string | undefined {
  if (place.subscript === undefined) return undefined;
  if (variables.isAssociative(place.name)) return place.subscript;
  return String(evaluate(parseArithmetic(place.subscript), variables, depth + 1));
}

function read(place: Place, key: string | undefined, variables: ArithmeticVariables, depth: number): bigint {
  const text = variables.read(place.name, key);
  if (text === undefined || text === "") return 0n;
  if (depth > MAX_DEPTH) throw new ArithmeticFault("expression recursion level exceeded", place.rest);
  return evaluate(parseArithmetic(text), variables, depth + 1);
}

function evaluate(tree: Arithmetic, variables: ArithmeticVariables, depth: number): bigint {
  switch (tree.type) {
    case "number":
      return tree.value;
    case "place":
      return read(tree, keyOf(tree, variables, depth), variables, depth);
    case "unary": {
      const value = evaluate(tree.operand, variables, depth);
      if (tree.operator === "-") return BigInt.asIntN(64, -value);
      if (tree.operator === "~") return ~value;
      return tree.operator === "!" ? truth(value === 0n) : value;
    }
    case "step": {
      const key = keyOf(tree.target, variables, depth);
      const before = read(tree.target, key, variables, depth);
      const after = BigInt.asIntN(64, before + tree.by);
      variables.write(tree.target.name, key, String(after));
      return tree.prefix ? after : before;
    }
    case "assign": {
      const key = keyOf(tree.target, variables, depth);
      // The old value is taken before the right side is evaluated, which may assign, too.
      const left = tree.operator === "" ? 0n : read(tree.target, key, variables, depth);
      const right = evaluate(tree.value, variables, depth);
      const value = tree.operator === "" ? right : binary(tree.operator, left, right, tree.rest);
      variables.write(tree.target.name, key, String(value));
      return value;
    }
    case "choice":
      return evaluate(tree.test, variables, depth) === 0n
        ? evaluate(tree.no, variables, depth)
        : evaluate(tree.yes, variables, depth);
    case "binary": {
      const left = evaluate(tree.left, variables, depth);
      if (tree.operator === "&&") return truth(left !== 0n && evaluate(tree.right, variables, depth) !== 0n);
      if (tree.operator === "||") return truth(left !== 0n || evaluate(tree.right, variables, depth) !== 0n);
      return binary(tree.operator, left, evaluate(tree.right, variables, depth), tree.rest);
    }
  }
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

function binary(operator: string, left: bigint, right: bigint, rest: string): bigint {
  switch (operator) {
    case ",":
      return right;
    case "+":
      return BigInt.asIntN(64, left + right);
    case "-":
      return BigInt.asIntN(64, left - right);
    case "*":
      return BigInt.asIntN(64, left * right);
    case "/":
    case "%":
      if (right === 0n) throw new ArithmeticFault("division by 0", rest);
      return BigInt.asIntN(64, operator === "/" ? left / right : left % right);
    case "**":
      if (right < 0n) throw new ArithmeticFault("exponent less than 0", rest);
      return power(left, right);
    // Shift counts are taken modulo 64, as the x86 instructions do.
    case "<<":
      return BigInt.asIntN(64, left << (right & 63n));
    case ">>":
      return left >> (right & 63n);
    case "<":
      return truth(left < right);
    case ">":
      return truth(left > right);
    case "<=":
      return truth(left <= right);
    case ">=":
      return truth(left >= right);
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "&":
      return left & right;
    case "^":
      return left ^ right;
    default:
      return left | right;
  }
}

/** By squaring with a wrap at every step: the exponent may be huge. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}
