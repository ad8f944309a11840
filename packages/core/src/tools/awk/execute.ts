// Statements, rules and functions of a running awk program.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { MILLISECOND } from "../../system/system.ts";
import { after, each, repeat } from "./eventually.ts";
import type { Eventually } from "./eventually.ts";
import { evaluate, evaluateAll, place, subscript } from "./evaluate.ts";
import { formatAwk } from "./format.ts";
import { AwkExit, AwkFault, AwkRunFault } from "./machine.ts";
import type { Cell, Machine } from "./machine.ts";
import type { AwkFunction, Expression, Redirection, Rule, Statement } from "./syntax.ts";
import { InputText, isTrue, toNumber } from "./values.ts";
import type { Value } from "./values.ts";

/** How a statement ended: what follows it is not executed unless it is "done". */
type Ending = "done" | "break" | "continue" | "next" | "nextfile" | "return";

/** A loop without end must not stop the clock: so many turns are said to take so long. */
const TURNS = 20_000;
const TIME_OF_TURNS = 10 * MILLISECOND;

class Run {
  readonly machine: Machine;
  #turns = 0;
  /** Of the function that runs. */
  #returned: Value;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  execute(statement: Statement): Eventually<Ending> {
    const { machine } = this;
    switch (statement.type) {
      case "block":
        return this.#block(statement.body);
      case "expression":
        return after(evaluate(machine, statement.expression), () => "done");
      case "print":
        return after(evaluateAll(machine, statement.args), (values) => this.#print(values, statement.to));
      case "printf":
        return after(evaluateAll(machine, statement.args), ([format, ...args]) =>
          this.#write(formatted(machine, "printf", machine.text(format), args), statement.to),
        );
      case "if":
        return after(evaluate(machine, statement.condition), (condition) => {
          const branch = isTrue(condition) ? statement.yes : statement.no;
          return branch ? this.execute(branch) : "done";
        });
      case "loop":
        return this.#loop(statement);
      case "each":
        return this.#each(statement);
      case "delete": {
        const array = machine.array(statement.array);
        if (statement.keys)
          return after(subscript(machine, statement.keys), (key) => (array.delete(key), "done"));
        array.clear();
        return "done";
      }
      case "exit":
        return after(statement.value ? evaluate(machine, statement.value) : machine.status, (value) => {
          throw new AwkExit(toNumber(value));
        });
      case "return":
        return after(statement.value ? evaluate(machine, statement.value) : undefined, (value) => {
          this.#returned = value;
          return "return";
        });
      default:
        return statement.type;
    }
  }

  #block(body: readonly Statement[]): Eventually<Ending> {
    let ending: Ending = "done";
    return after(
      each(body, (statement) => after(this.execute(statement), (how) => (ending = how) !== "done")),
      () => ending,
    );
  }

  #loop(statement: Statement & { type: "loop" }): Eventually<Ending> {
    const { condition, next, body } = statement;
    let ending: Ending = "done";
    let first = statement.after;
    const goesOn = (): Eventually<boolean> => {
      if (first || !condition) {
        first = false;
        return true;
      }
      return after(evaluate(this.machine, condition), isTrue);
    };
    const turn = (): Eventually<boolean> =>
      after(goesOn(), (on) =>
        on
          ? after(this.execute(body), (how) => {
              if (how !== "done" && how !== "continue") {
                ending = how === "break" ? "done" : how;
                return false;
              }
              return after(next ? this.execute(next) : "done", () => this.#rest());
            })
          : false,
      );
    return after(statement.first ? this.execute(statement.first) : "done", () =>
      after(repeat(turn), () => ending),
    );
  }

  /** True, after a pause now and then. */
  #rest(): Eventually<true> {
    if (++this.#turns % TURNS !== 0) return true;
    return this.machine.process.sleep(TIME_OF_TURNS).then(() => true);
  }

  #each({ key, array, body }: Statement & { type: "each" }): Eventually<Ending> {
    const keys = this.machine.array(array).keys();
    let ending: Ending = "done";
    const turn = (text: string): Eventually<boolean> =>
      after(place(this.machine, key), ({ set }) => {
        set(new InputText(text));
        return after(this.execute(body), (how) => {
          if (how === "done" || how === "continue") return false;
          ending = how === "break" ? "done" : how;
          return true;
        });
      });
    return after(each(keys, turn), () => ending);
  }

  // ---- output

  #print(values: readonly Value[], to: Redirection | undefined): Eventually<Ending> {
    const { machine } = this;
    const shown = (values.length > 0 ? values : [machine.fields.record]).map((value) => machine.shown(value));
    const separator = machine.text(machine.global("OFS").value);
    return this.#write(shown.join(separator) + machine.text(machine.global("ORS").value), to);
  }

  #write(text: string, to: Redirection | undefined): Eventually<Ending> {
    const { streams } = this.machine;
    if (!to) return after(streams.standard.write(text), () => "done");
    return after(evaluate(this.machine, to.target), (value) => {
      const name = this.machine.text(value);
      try {
        return after(streams.output(to.operator, name).write(text), () => "done");
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        throw new AwkFault(`cannot open "${name}" for output (${strerror(refusal.errno)})`);
      }
    });
  }

  // ---- rules

  /** A list of actions, as BEGIN and END have it. */
  actions(list: readonly Statement[]): Eventually<boolean> {
    return each(list, (action) => after(this.execute(action), () => false));
  }

  /** All rules over all records. */
  records(): Eventually<void> {
    const inRange = new Set<Rule>();
    const { machine } = this;
    return repeat(() =>
      after(machine.nextRecord(), (record) => {
        if (record === undefined) return false;
        machine.fields.setRecord(new InputText(record));
        return after(
          each(machine.program.rules, (rule) =>
            after(this.#applies(rule, inRange), (applies) =>
              applies ? after(this.#act(rule), (how) => this.#skips(how)) : false,
            ),
          ),
          () => true,
        );
      }),
    );
  }

  #act({ action }: Rule): Eventually<Ending> {
    return action ? this.execute(action) : this.#print([], undefined);
  }

  /** True if the other rules do not see this record. */
  #skips(how: Ending): boolean {
    if (how === "nextfile") this.machine.skipFile();
    return how === "next" || how === "nextfile";
  }

  #applies(rule: Rule, inRange: Set<Rule>): Eventually<boolean> {
    const [first, last] = rule.patterns;
    if (!first) return true;
    const { machine } = this;
    if (!last) return after(evaluate(machine, first), isTrue);
    return after(inRange.has(rule) ? 1 : evaluate(machine, first), (started) => {
      if (!isTrue(started)) return false;
      inRange.add(rule);
      return after(evaluate(machine, last), (ends) => {
        if (isTrue(ends)) inRange.delete(rule);
        return true;
      });
    });
  }

  // ---- functions

  call(called: AwkFunction, args: readonly Expression[]): Eventually<Value> {
    return after(this.#cells(called, args), (cells) => {
      const { frame } = this.machine;
      this.machine.frame = cells;
      return after(this.execute(called.body), () => {
        this.machine.frame = frame;
        const value = this.#returned;
        this.#returned = undefined;
        return value;
      });
    });
  }

  /** Parameters: arrays by reference, a name without a value as what may become one, all else by value. */
  #cells(called: AwkFunction, args: readonly Expression[]): Eventually<Cell[]> {
    const { machine } = this;
    const cells: Cell[] = [];
    const cellOf = (arg: Expression): Eventually<Cell> => {
      if (arg.type === "variable" && !(arg.variable.kind === "global" && arg.variable.name === "NF")) {
        const cell = machine.cell(arg.variable);
        if (cell.array) return { value: undefined, array: cell.array };
        if (cell.value === undefined) return { value: undefined, origin: cell };
      }
      return after(evaluate(machine, arg), (value) => ({ value }));
    };
    return after(
      each(args, (arg) => after(cellOf(arg), (cell) => (cells.push(cell), false))),
      () => {
        while (cells.length < called.parameters.length) cells.push({ value: undefined });
        return cells;
      },
    );
  }
}

const runs = new WeakMap<Machine, Run>();

function runOf(machine: Machine): Run {
  let run = runs.get(machine);
  if (!run) {
    run = new Run(machine);
    runs.set(machine, run);
  }
  return run;
}

export function callFunction(machine: Machine, name: string, args: readonly Expression[]): Eventually<Value> {
  const called = machine.function(name);
  if (!called) throw new Error(`the parser has looked for ${name}`);
  return runOf(machine).call(called, args);
}

/** printf and sprintf. */
export function formatted(machine: Machine, name: string, format: string, args: readonly Value[]): string {
  return formatAwk(
    format,
    args,
    (value) => machine.text(value),
    (fault) => {
      throw new AwkRunFault(`${fault} ${name}("${format}")`);
    },
  );
}

/** Runs a whole program. Throws AwkFault; the exit code is the machine's. */
export async function runProgram(machine: Machine): Promise<void> {
  const { begin, end, rules } = machine.program;
  const run = runOf(machine);
  const untilExit = async (part: () => Eventually<unknown>): Promise<void> => {
    try {
      await part();
    } catch (exit) {
      if (!(exit instanceof AwkExit)) throw exit;
      machine.status = exit.status;
    }
  };
  await untilExit(() =>
    after(run.actions(begin), () => (rules.length > 0 || end.length > 0 ? run.records() : undefined)),
  );
  await untilExit(() => run.actions(end));
  await machine.streams.closeAll();
}
