// Processes under the shell: streaming pipelines, signals, jobs, timeouts and the step budget, on a virtual clock.

import { describe, expect, test } from "vitest";
import type { Process, Program } from "../system/process.ts";
import { MILLISECOND, SECOND } from "../system/system.ts";
import { coreutils } from "../tools/coreutils/programs.ts";
import { createShell, runScript } from "./bash.ts";
import { Interrupted } from "./control.ts";
import { live } from "./run/fork.ts";
import { notifyJobs } from "./run/report.ts";
import { shellPrograms } from "./programs.ts";
import type { Outcome, TestSetup } from "./testing/test-system.ts";
import { runBash, runProgram, TestSystem } from "./testing/test-system.ts";

/** Prints a line a second until SIGINT, then a summary, as ping does. */
const ticker: Program = async (process) => {
  let stopped = false;
  process.onSignal("SIGINT", () => {
    stopped = true;
  });
  let count = 0;
  const last = Number(process.argv[1] ?? "1000000");
  const going = (): boolean => !stopped && count < last;
  while (going()) {
    process.print(`tick ${++count}\n`);
    process.flush();
    if (count < last) await process.sleep(SECOND);
  }
  process.print(`${count} ticks\n`);
  return 0;
};

const programs = { ...Object.fromEntries([...coreutils, ...shellPrograms]), ticker };

function run(script: string, setup: TestSetup = {}): Promise<Outcome> {
  return runBash(script, { ...setup, programs: { ...programs, ...setup.programs } });
}

function after(delay: number, act: (process: Process) => void): NonNullable<TestSetup["during"]> {
  return (process, system) => void system.after(delay, () => act(process));
}

/** What a terminal does on Ctrl-C: the signal goes to all processes; background ones ignore it. */
function interruptAll(process: Process): void {
  for (const child of process.children) interruptAll(child);
  process.kill("SIGINT");
}

describe("pipelines", () => {
  test("elements run at the same time: a reader sees lines as they are written", async () => {
    const { stdout, system } = await run(`ticker 3 | while read -r a b; do echo "$SECONDS: $a-$b"; done`);
    expect(stdout).toBe("0: tick-1\n1: tick-2\n2: tick-3\n2: 3-ticks\n");
    expect(system.monotonic()).toBeLessThan(2.1 * SECOND);
  });

  test("a reader that ends early stops the writer by SIGPIPE", async () => {
    const { stdout, system } = await run(`ticker | head -2; echo "\${PIPESTATUS[@]}"`);
    expect(stdout).toBe("tick 1\ntick 2\n141 0\n");
    expect(system.monotonic()).toBeLessThan(3 * SECOND);
  });

  test("a full pipe makes the writer wait, so an endless writer takes no memory", async () => {
    const { stdout } = await run(`yes | { sleep 1; head -1; }; echo "\${PIPESTATUS[0]}"`);
    expect(stdout).toBe("y\n141\n");
  });

  test("tee and grep --line-buffered pass lines on", async () => {
    const { stdout } = await run(
      `ticker 2 | tee /tmp/log | grep --line-buffered tick | while read x; do echo $SECONDS; done; cat /tmp/log`,
    );
    expect(stdout).toBe("0\n1\n1\ntick 1\ntick 2\n2 ticks\n");
  });

  test("every element is a subshell of its own", async () => {
    const { stdout } = await run(`x=1; echo | x=2; echo 3 | read x; echo $x; f() { x=4; }; f | cat; echo $x`);
    expect(stdout).toBe("1\n1\n");
  });
});

describe("signals", () => {
  test("a background command is a process of its own that SIGTERM and SIGINT reach", async () => {
    const { stdout } = await run(
      `bash -c 'trap "echo caught" TERM; sleep 1 & wait' & p=$!; sleep 0.5; kill $p; wait $p; echo $?`,
    );
    expect(stdout).toBe("caught\n143\n");
  });

  test("background commands ignore SIGINT, unless they handle it", async () => {
    const { stdout } = await run(
      `ticker > /tmp/t & p=$!; sleep 2.5; kill -INT $p; wait $p; echo $?; cat /tmp/t`,
    );
    expect(stdout).toBe("0\ntick 1\ntick 2\ntick 3\n3 ticks\n");
  });

  test("Ctrl-C ends the foreground command and the script, and the EXIT trap runs", async () => {
    const { stdout, status } = await run(`trap 'echo cleanup' EXIT; sleep 100; echo no`, {
      during: after(SECOND, interruptAll),
    });
    expect(stdout).toBe("cleanup\n");
    expect(status).toEqual({ signal: "SIGINT" });
  });

  test("a foreground command that handles Ctrl-C lets the script go on", async () => {
    const { stdout, code } = await run(`ticker; echo "then $?"`, {
      during: after(1.5 * SECOND, interruptAll),
    });
    expect(stdout).toBe("tick 1\ntick 2\n2 ticks\nthen 0\n");
    expect(code).toBe(0);
  });

  test("a trapped signal runs its action after the foreground command", async () => {
    const { stdout } = await run(`trap 'echo trapped at $SECONDS' TERM; sleep 3; echo end`, {
      during: after(SECOND, (process) => process.kill("SIGTERM")),
    });
    expect(stdout).toBe("trapped at 3\nend\n");
  });

  test("a trapped signal cuts wait short", async () => {
    const { stdout } = await run(
      `trap 'echo trapped' USR1; sleep 5 & wait; echo "$? at $SECONDS"; wait; echo "$? at $SECONDS"`,
      {
        during: after(SECOND, (process) => process.kill("SIGUSR1")),
      },
    );
    expect(stdout).toBe("trapped\n138 at 1\n0 at 5\n");
  });

  test("SIGTERM ends the shell, and its background children live on", async () => {
    const { stdout, system, status } = await run(`(sleep 2; echo > /tmp/done) & sleep 100`, {
      during: after(SECOND, (process) => process.kill("SIGTERM")),
    });
    expect(stdout).toBe("");
    expect(status).toEqual({ signal: "SIGTERM" });
    await system.runUntil(() => system.processes.size === 0 || system.monotonic() > 99 * SECOND);
    expect(system.tree.root.entries.get("tmp")?.entries.has("done")).toBe(true);
  });

  test("what a signal has ended is reported with its pid", async () => {
    const { stderr, stdout } = await run(
      `sleep 5 & p=$!; kill -9 $p; wait $p; echo $?; bash -c 'kill -9 $$'; echo $?`,
    );
    expect(stdout).toBe("137\n137\n");
    expect(stderr).toMatch(
      /^bash: line 1: {1,3}\d+ Killed {18}sleep 5\nbash: line 1: {1,3}\d+ Killed {18}bash -c 'kill -9 \$\$'\n$/,
    );
  });

  test("kill finds processes of other sessions by pid", async () => {
    const system = new TestSystem();
    await run(`sleep 1000 & echo $! > /tmp/pid`, { system });
    const { stdout } = await run(
      `kill -0 $(cat /tmp/pid) && echo there; kill $(cat /tmp/pid); sleep 0.1; kill -0 $(cat /tmp/pid) 2>/dev/null || echo gone`,
      { system },
    );
    expect(stdout).toBe("there\ngone\n");
  });
});

describe("jobs", () => {
  test("wait -n returns with the first that ends, wait with all", async () => {
    const { stdout } = await run(
      `sleep 3 & (sleep 1; exit 7) & wait -n; echo "$? at $SECONDS"; wait; echo "$? at $SECONDS"`,
    );
    expect(stdout).toBe("7 at 1\n0 at 3\n");
  });

  test("$! of a background pipeline is its last element, and kill %1 reaches all", async () => {
    const { stdout } = await run(
      `ticker | cat > /tmp/o & sleep 1.5; kill %1; wait $!; echo $?; jobs; cat /tmp/o`,
    );
    expect(stdout).toBe("143\ntick 1\ntick 2\n");
  });

  test("a background command reads nothing from the shell's input", async () => {
    const { stdout } = await run(`cat & wait; read line; echo "$line"`, { stdin: "mine\n" });
    expect(stdout).toBe("mine\n");
  });
});

describe("an interactive shell", () => {
  /** Runs lines one after the other, as a prompt does; Ctrl-C comes after a second. */
  const lines: Program = async (process) => {
    const shell = createShell(process, "bash", "interactive");
    return live(shell, async () => {
      for (const line of process.argv.slice(1)) {
        try {
          await runScript(shell, line);
        } catch (control) {
          if (!(control instanceof Interrupted)) throw control;
          shell.print("interrupted\n");
        }
        notifyJobs(shell);
      }
      return shell.status;
    });
  };

  function terminalInterrupt(process: Process): void {
    for (const child of process.children) if (!child.ownGroup) terminalInterrupt(child);
    process.kill("SIGINT");
  }

  function type(...typed: readonly string[]): Promise<Outcome> {
    return runProgram(["lines", ...typed], {
      programs: { ...programs, lines },
      during: after(SECOND, terminalInterrupt),
    });
  }

  test("Ctrl-C ends the foreground command and the rest of the line, and leaves background jobs alone", async () => {
    const { stdout, stderr } = await type(
      "sleep 3 & sleep 9; echo no",
      "echo $SECONDS; jobs; wait; echo $SECONDS",
    );
    expect(stdout).toBe("interrupted\n1\n[1]+  Running                 sleep 3 &\n3\n");
    expect(stderr).toMatch(/^\[1\] \d+\n$/);
  });

  test("fatal errors and syntax errors end the line only", async () => {
    const { stdout, stderr } = await type("echo ${x?gone}; echo no", "set -u; echo $y", "echo )", "echo $?");
    expect(stdout).toBe("2\n");
    expect(stderr).toBe(
      "bash: x: gone\nbash: y: unbound variable\nbash: syntax error near unexpected token `)'\n",
    );
  });

  test("it tells of jobs that have ended", async () => {
    const { stderr } = await type("trap : INT; (exit 3) & sleep 0.1 & sleep 2", "echo");
    expect(stderr).toMatch(/\[1\]. {2}Exit 3 +\( ?exit 3 ?\)\n\[2\]\+ {2}Done +sleep 0.1\n/);
  });
});

describe("timeout", () => {
  test("ends what takes too long, with all that it started", async () => {
    const { stdout, system } = await run(
      `timeout 2.5 ticker | tee /tmp/t | tail -1; echo "\${PIPESTATUS[0]}"; timeout 1 bash -c 'sleep 50; echo no'; echo $?`,
    );
    expect(stdout).toBe("tick 3\n124\n124\n");
    expect(system.processes.size).toBe(0);
  });

  test("-s INT lets a program print its summary; -k ends one that does not stop", async () => {
    const { stdout } = await run(
      `timeout -s INT 1.5 ticker; echo $?; timeout -k 1 1 bash -c 'trap "" TERM; while :; do sleep 0.3; done' 2>/dev/null; echo $? at $SECONDS`,
    );
    expect(stdout).toBe("tick 1\ntick 2\n2 ticks\n124\n137 at 3\n");
  });

  test("-k takes a program along that ignores the first signal", async () => {
    const { stdout } = await run(`timeout -k 1 1 bash -c 'trap "" TERM; sleep 9' 2>/dev/null; echo $?`);
    expect(stdout).toBe("137\n");
  });
});

describe("the step budget", () => {
  test("a loop without I/O lets time pass and signals in", async () => {
    const { code, system } = await run(`timeout 0.05 bash -c 'while :; do :; done'`);
    expect(code).toBe(124);
    expect(system.monotonic()).toBeGreaterThanOrEqual(50 * MILLISECOND);
  });

  test("so do deep arithmetic loops and recursion", async () => {
    const { stdout } = await run(
      `timeout 0.02 bash -c 'for ((;;)); do ((i++)); done'; echo $?; f() { f; }; f 2>&1 | head -c 90`,
    );
    expect(stdout).toMatch(/^124\n.*maximum function nesting level exceeded/s);
  });
});

describe("input", () => {
  test("read takes one line and leaves the rest for the next command", async () => {
    const { stdout } = await run(`read a; head -1; read b; echo "$a $b"`, { stdin: "one\ntwo\nthree\n" });
    expect(stdout.split("\n")[0]).toBe("two");
  });

  test("read -t gives up", async () => {
    const { stdout } = await run(`sleep 5 | { read -t 2 x; echo "$? at $SECONDS"; }`);
    expect(stdout).toBe("142 at 2\n");
  });

  test("a file under /proc or /sys that cannot be read is an error of its reader", async () => {
    const system = new TestSystem();
    const { Refusal } = await import("../netlink/refusal.ts");
    system.tree.attribute("/tmp/carrier", () => {
      throw new Refusal(22);
    });
    const { stderr, stdout } = await run(`cat carrier; echo $?; read x < carrier; echo "$?"; wc -l carrier`, {
      system,
    });
    expect(stdout).toMatch(/^1\n1\n/);
    expect(stderr).toMatch(
      /^cat: carrier: Invalid argument\nbash: line 1: read: read error: 0: Invalid argument\nwc: carrier: Invalid argument\n/,
    );
  });
});
