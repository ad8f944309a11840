// How control leaves the middle of a script: values that are thrown through the interpreter and caught by the
// construct that they are for. They are not errors of the program.

/** `break N`. */
export class Break {
  levels: number;
  /** Of the loop that it ends. */
  readonly status: number;
  constructor(levels: number, status = 0) {
    this.levels = levels;
    this.status = status;
  }
}

/** `continue N`. */
export class Continue {
  levels: number;
  constructor(levels: number) {
    this.levels = levels;
  }
}

/** `return N`, out of a function or a sourced file. */
export class Return {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** `exit N` and `set -e`: ends the shell or subshell, after its EXIT trap. */
export class ExitShell {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** Ctrl-C at an interactive shell: back to the prompt. */
export class Interrupted {
  /** 128 + SIGINT. */
  readonly status = 130;
}

/**
 * An expansion or assignment that cannot be done. "discard" gives up the command line that is being run (all of a
 * `-c` string, one top-level command of a file); "exit" ends a shell that is not interactive.
 */
export class ShellFault {
  readonly message: string;
  readonly effect: "discard" | "exit";
  /** Prefix of the message, where it is not that of the place that reports the fault. */
  where: string | undefined;
  /** The message is the script's own: it is never put in other words. */
  readonly verbatim: boolean;
  constructor(message: string, effect: "discard" | "exit" = "discard", verbatim = false) {
    this.verbatim = verbatim;
    this.message = message;
    this.effect = effect;
  }
}
