// `trap`: actions for signals and for EXIT, ERR, DEBUG and RETURN (bash(1), Signals and "trap"). A signal's action is
// only noted when the signal comes; the shell runs it between two commands.

import type { Process } from "../system/process.ts";
import type { Signal } from "../system/signals.ts";

export type PseudoSignal = "EXIT" | "ERR" | "DEBUG" | "RETURN";

const PSEUDO: ReadonlySet<string> = new Set(["EXIT", "ERR", "DEBUG", "RETURN"]);

export class Traps {
  readonly #process: Process;
  readonly #actions = new Map<Signal | PseudoSignal, string>();
  /** Of the parent shell: `trap` in a subshell still lists them until it sets one. */
  #inherited: ReadonlyMap<Signal | PseudoSignal, string> | undefined;
  readonly #queue: Signal[] = [];
  /** What a signal without a trap does in this shell, where it is not the default. */
  readonly #usual = new Map<Signal, (signal: Signal) => void>();
  readonly #ignoredAtStart = new Set<Signal>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** Takes over what a subshell keeps: ignored signals, and ERR with `set -E`. */
  inherit(parent: Traps, errtrace: boolean): void {
    this.#inherited = new Map(parent.#actions);
    for (const signal of parent.#ignoredAtStart) this.#ignoredAtStart.add(signal);
    for (const [name, action] of parent.#actions) {
      if (action === "" || (errtrace && name === "ERR")) this.#actions.set(name, action);
    }
  }

  /** Gives a signal an action for as long as no trap is set. A signal that is ignored already stays so. */
  setUsual(signal: Signal, action: (signal: Signal) => void): void {
    if (this.#process.ignores(signal)) {
      this.#ignoredAtStart.add(signal);
      return;
    }
    this.#usual.set(signal, action);
    this.#process.onSignal(signal, action);
  }

  get(name: Signal | PseudoSignal): string | undefined {
    return this.#actions.get(name);
  }

  /** Sets an action; "" ignores the signal. Signals ignored when the shell started cannot be trapped. */
  set(name: Signal | PseudoSignal, action: string): void {
    this.#inherited = undefined;
    if (isPseudo(name)) {
      this.#actions.set(name, action);
      return;
    }
    if (this.#ignoredAtStart.has(name)) return;
    this.#actions.set(name, action);
    this.#process.onSignal(name, action === "" ? "ignore" : (signal) => this.#queue.push(signal));
  }

  /** Back to what the signal usually does. */
  clear(name: Signal | PseudoSignal): void {
    this.#inherited = undefined;
    this.#actions.delete(name);
    if (isPseudo(name) || this.#ignoredAtStart.has(name)) return;
    this.#process.onSignal(name, this.#usual.get(name) ?? "default");
  }

  get any(): boolean {
    return this.#actions.size > 0;
  }

  /** What `trap -p` lists. */
  list(): readonly (readonly [Signal | PseudoSignal, string])[] {
    return [...(this.#inherited ?? this.#actions)];
  }

  get pending(): boolean {
    return this.#queue.length > 0;
  }

  /** The signal that came first and was not dealt with yet. */
  get next(): Signal | undefined {
    return this.#queue[0];
  }

  /** Action of the next signal that came; undefined when there is none. */
  take(): string | undefined {
    const signal = this.#queue.shift();
    return signal === undefined ? undefined : (this.#actions.get(signal) ?? "");
  }
}

export function isPseudo(name: string): name is PseudoSignal {
  return PSEUDO.has(name);
}
