// Expressions of a running awk program.

import { Refusal } from "../../netlink/refusal.ts";
import { after } from "./eventually.ts";
import type { Eventually } from "./eventually.ts";
import { isWholeKey } from "./array.ts";
import type { Key } from "./array.ts";
import { AwkRunFault } from "./machine.ts";
import type { Machine } from "./machine.ts";
import type { RecordReader } from "./streams.ts";
import type { Expression, GetlineSource, LeftValue } from "./syntax.ts";
import { compare, InputText, isTrue, toNumber } from "./values.ts";
import type { Value } from "./values.ts";

export function evaluate(machine: Machine, expression: Expression): Eventually<Value> {
  switch (expression.type) {
    case "constant":
      return expression.value;
    case "variable":
      return machine.get(expression.variable);
    case "group":
      return evaluate(machine, expression.inner);
    case "field":
      return after(fieldIndex(machine, expression.index), (index) => machine.fields.get(index));
    case "element":
      return after(subscript(machine, expression.keys), (key) => machine.array(expression.array).get(key));
    case "regexp":
      return matches(expression.expression, machine.text(machine.fields.record));
    case "match":
      return after(evaluate(machine, expression.text), (text) =>
        after(patternOf(machine, expression.pattern), (pattern) =>
          Number(matches(pattern, machine.text(text)) === (expression.negated ? 0 : 1)),
        ),
      );
    case "assign":
      return assignment(machine, expression);
    case "step":
      return after(place(machine, expression.of), ({ get, set }) => {
        const before = toNumber(get());
        set(before + expression.by);
        return expression.prefix ? before + expression.by : before;
      });
    case "unary":
      return after(evaluate(machine, expression.operand), (operand) => {
        if (expression.operator === "!") return isTrue(operand) ? 0 : 1;
        return expression.operator === "-" ? -toNumber(operand) : toNumber(operand);
      });
    case "binary":
      return after(evaluate(machine, expression.left), (left) =>
        after(evaluate(machine, expression.right), (right) =>
          combine(machine, expression.operator, left, right),
        ),
      );
    case "and":
      return after(evaluate(machine, expression.left), (left) =>
        isTrue(left) ? after(evaluate(machine, expression.right), truth) : 0,
      );
    case "or":
      return after(evaluate(machine, expression.left), (left) =>
        isTrue(left) ? 1 : after(evaluate(machine, expression.right), truth),
      );
    case "choice":
      return after(evaluate(machine, expression.condition), (condition) =>
        evaluate(machine, isTrue(condition) ? expression.yes : expression.no),
      );
    case "in":
      return after(subscript(machine, expression.keys), (key) =>
        machine.array(expression.array).has(key) ? 1 : 0,
      );
    case "builtin":
      return machine.calls.builtin(machine, expression.name, expression.args);
    case "call":
      return machine.calls.function(machine, expression.name, expression.args);
    case "getline":
      return getline(machine, expression.source, expression.to);
  }
}

function truth(value: Value): number {
  return isTrue(value) ? 1 : 0;
}

function matches(expression: RegExp, text: string): number {
  expression.lastIndex = 0;
  return expression.test(text) ? 1 : 0;
}

/** The right side of `~`: a regular expression, or a text that is one. */
export function patternOf(machine: Machine, expression: Expression): Eventually<RegExp> {
  if (expression.type === "regexp") return expression.expression;
  return after(evaluate(machine, expression), (value) => machine.expression(machine.text(value)));
}

export function evaluateAll(machine: Machine, list: readonly Expression[]): Eventually<Value[]> {
  const values: Value[] = [];
  const from = (start: number): Eventually<Value[]> => {
    for (let at = start; at < list.length; at++) {
      const value = evaluate(machine, list[at] as Expression);
      if (value instanceof Promise)
        return value.then((later) => {
          values.push(later);
          return from(at + 1);
        });
      values.push(value);
    }
    return values;
  };
  return from(0);
}

/** The key of an element; several are joined by SUBSEP. */
export function subscript(machine: Machine, keys: readonly Expression[]): Eventually<Key> {
  return after(evaluateAll(machine, keys), (values) => {
    const [first] = values;
    if (values.length === 1)
      return typeof first === "number" && isWholeKey(first) ? first : machine.text(first);
    return values.map((value) => machine.text(value)).join(machine.text(machine.global("SUBSEP").value));
  });
}

const MOST_FIELDS = 2 ** 24;

function fieldIndex(machine: Machine, expression: Expression): Eventually<number> {
  return after(evaluate(machine, expression), (value) => {
    const index = Math.trunc(toNumber(value));
    if (index < 0) throw new AwkRunFault(`negative field index $${index}`);
    if (!(index <= MOST_FIELDS)) throw new AwkRunFault(`maximum field size exceeded: ${index}`);
    return index;
  });
}

/** What can be read and written, with its subscripts evaluated once. */
interface Place {
  readonly get: () => Value;
  readonly set: (value: Value) => void;
}

export function place(machine: Machine, target: LeftValue): Eventually<Place> {
  switch (target.type) {
    case "variable":
      return {
        get: () => machine.get(target.variable),
        set: (value) => machine.set(target.variable, value),
      };
    case "field":
      return after(fieldIndex(machine, target.index), (index) => ({
        get: () => machine.fields.get(index),
        set: (value: Value) => machine.fields.set(index, value),
      }));
    case "element":
      return after(subscript(machine, target.keys), (key) => ({
        get: () => machine.array(target.array).get(key),
        set: (value: Value) => void machine.array(target.array).set(key, value),
      }));
  }
}

function assignment(machine: Machine, expression: Expression & { type: "assign" }): Eventually<Value> {
  return after(evaluate(machine, expression.value), (value) =>
    after(place(machine, expression.to), ({ get, set }) => {
      const result =
        expression.operator === ""
          ? value
          : arithmetic(expression.operator, toNumber(get()), toNumber(value));
      set(result);
      return result;
    }),
  );
}

function combine(machine: Machine, operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case " ":
      return machine.text(left) + machine.text(right);
    case "<":
    case "<=":
    case "==":
    case "!=":
    case ">":
    case ">=": {
      const order = compare(left, right, (value) => machine.text(value));
      return Number(ORDERS[operator](order));
    }
    default:
      return arithmetic(operator, toNumber(left), toNumber(right));
  }
}

const ORDERS = {
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  "==": (order: number) => order === 0,
  "!=": (order: number) => order !== 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
} as const;

function arithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
    case "^":
      return left ** right;
    default:
      throw new Error(`no such operator: ${operator}`);
  }
}

/** 1 for a record, 0 at the end, -1 for what cannot be read. */
function getline(machine: Machine, source: GetlineSource, to: LeftValue | undefined): Eventually<number> {
  return after(readRecord(machine, source), (record) => {
    if (typeof record === "number") return record;
    const value = new InputText(record);
    if (to) return after(place(machine, to), ({ set }) => (set(value), 1));
    machine.fields.setRecord(value);
    return 1;
  });
}

function readRecord(machine: Machine, source: GetlineSource): Eventually<string | number> {
  const ended = (record: string | undefined): string | number => record ?? 0;
  if (source.type === "input") return after(machine.nextRecord(), ended);
  const name = evaluate(machine, source.type === "file" ? source.name : source.command);
  return after(name, (value) => {
    const text = machine.text(value);
    const reader = source.type === "file" ? openedFile(machine, text) : machine.streams.command(text);
    return after(reader, (records) => (records ? after(records.next(machine.recordSeparator()), ended) : -1));
  });
}

/** Undefined for one that cannot be opened. */
function openedFile(machine: Machine, name: string): RecordReader | undefined {
  try {
    return machine.streams.file(name);
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}
