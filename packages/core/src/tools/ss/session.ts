// One call of ss: its options, what it shows, and the table that it fills.

import type { Process } from "../../system/process.ts";
import type { SocketTable } from "./columns.ts";
import type { Filter } from "./filter.ts";
import type { Owners } from "./owners.ts";
import type { Selection } from "./selection.ts";

export interface SsOptions {
  readonly numeric: boolean;
  readonly resolve: boolean;
  readonly details: boolean;
  /** -o */
  readonly timers: boolean;
  readonly memory: boolean;
  readonly info: boolean;
  readonly tos: boolean;
  readonly bpf: boolean;
  readonly socketOptions: boolean;
  readonly oneLine: boolean;
  readonly kill: boolean;
}

export class Session {
  readonly process: Process;
  readonly options: SsOptions;
  readonly selection: Selection;
  readonly filter: Filter | undefined;
  readonly output: SocketTable;
  readonly #owners: Owners | undefined;

  constructor(
    process: Process,
    options: SsOptions,
    selection: Selection,
    filter: Filter | undefined,
    output: SocketTable,
    owners: Owners | undefined,
  ) {
    this.process = process;
    this.options = options;
    this.selection = selection;
    this.filter = filter;
    this.output = output;
    this.#owners = owners;
  }

  /** ` users:(...)` of -p. */
  users(inode: number): string {
    const users = this.#owners?.get(inode);
    return users === undefined ? "" : ` users:(${users})`;
  }

  /** Before further lines of a socket. */
  get lineBreak(): string {
    return this.options.oneLine ? " " : "\n\t";
  }
}
