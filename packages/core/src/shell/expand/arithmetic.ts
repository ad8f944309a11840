// Arithmetic on a shell's variables: binds the evaluator to a shell and words its errors as bash does.

import { ArithmeticFault } from "../arithmetic/parse.ts";
import { evaluateArithmetic } from "../arithmetic/evaluate.ts";
import { ShellFault } from "../control.ts";
import type { Shell } from "../shell.ts";
import { IndexedArray } from "../variables.ts";
import { specialParameter } from "./special.ts";

/** Value of an expression whose expansions are done. `command` is what messages begin with (`((`, `let`), if anything. */
export function evaluateIn(shell: Shell, text: string, command?: string): bigint {
  const { variables } = shell;
  try {
    return evaluateArithmetic(text, {
      read: (name, key) => {
        const value =
          key === undefined ? variables.get(name) : variables.element(name, indexKey(shell, name, key));
        if (value === undefined && shell.options.has("nounset")) {
          throw new ShellFault(`${name}: unbound variable`, "exit");
        }
        // To dash a variable's value is a number, and no expression.
        if (shell.dash && value !== undefined && !/^\s*(?:[-+]?(?:\d+|0[xX][0-9a-fA-F]+))?\s*$/.test(value))
          throw new ShellFault(`Illegal number: ${value}`, "exit");
        return value;
      },
      write: (name, key, value) => {
        if (key === undefined) variables.set(name, value);
        else variables.setElement(name, indexKey(shell, name, key), value);
      },
      isAssociative: (name) => variables.find(name)?.value instanceof Map,
    });
  } catch (fault) {
    if (!(fault instanceof ArithmeticFault)) throw fault;
    const expression = text.replace(/^[ \t\n]+/, "");
    const prefix = command === undefined ? "" : `${command}: `;
    throw new ShellFault(`${prefix}${expression}: ${fault.reason} (error token is "${fault.token}")`);
  }
}

/** A negative index that reaches before the first element. */
export class BadSubscript extends ShellFault {}

/** An indexed array's key with negative indexes counted from the end; an associative array's key as it is. */
export function indexKey(shell: Shell, name: string, key: string): string {
  if (!key.startsWith("-")) return key;
  const value = shell.variables.find(name)?.value;
  if (value instanceof Map) return key;
  const end = value instanceof IndexedArray ? value.end : value === undefined ? 0 : 1;
  const index = end + Number(key);
  if (index < 0) throw new BadSubscript(`${name}[${key}]: bad array subscript`);
  return String(index);
}

/** Final key of a subscript whose expansions are done: evaluated unless the array is associative. */
export function subscriptKey(shell: Shell, name: string, subscript: string): string {
  if (shell.variables.find(name)?.value instanceof Map) return subscript;
  return indexKey(shell, name, String(evaluateIn(shell, subscript)));
}

/** Value of `name` or `name[subscript]` or a special parameter given as text, as `[[ -v` and indirection take it. */
export function valueOf(shell: Shell, reference: string): string | undefined {
  const open = reference.indexOf("[");
  if (open > 0 && reference.endsWith("]")) {
    const name = reference.slice(0, open);
    return shell.variables.element(name, subscriptKey(shell, name, reference.slice(open + 1, -1)));
  }
  const special = specialParameter(shell, reference);
  return special ? special.value : shell.variables.get(reference);
}

/** Assigns to `name` or `name[subscript]`; evaluates for integer variables. */
export function assignTo(shell: Shell, reference: string, value: string): void {
  const open = reference.indexOf("[");
  const name = open > 0 ? reference.slice(0, open) : reference;
  const text = shell.variables.find(name)?.integer ? String(evaluateIn(shell, value)) : value;
  if (open > 0)
    shell.variables.setElement(name, subscriptKey(shell, name, reference.slice(open + 1, -1)), text);
  else shell.variables.set(name, text);
}
