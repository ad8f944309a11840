#!/usr/bin/env node
// The `patchcord` command: reads its arguments, chooses a system, and leaves the rest to run.ts and interactive.ts.

import "./engine-flags.ts";
import { Command, InvalidArgumentError, Option } from "commander";
import { Stalled } from "@patchcord/core/system/stalled.ts";
import { profileNames } from "@patchcord/core/kernel/profile.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import type { CaptureChoice } from "./capture.ts";
import { completionScript } from "./completion.ts";
import { explain } from "./explain.ts";
import { SystemUnusable } from "./native-part.ts";
import { rerunRootless } from "./rootless.ts";
import { run } from "./run.ts";
import type { PortPair } from "./tcp-ports.ts";
import { version } from "./version.ts";

interface CommonFlags {
  readonly system: "embedded" | "linux";
  readonly rootless: boolean;
  readonly mark?: boolean;
  readonly seed: number;
  readonly clock: "virtual" | "real";
  readonly profile: ProfileName;
  readonly ovsRundir?: string;
  readonly ovsdbPort?: readonly number[];
  readonly publish?: readonly PortPair[];
  readonly reach?: readonly PortPair[];
}

interface RunFlags {
  readonly echo: boolean;
  readonly keepGoing: boolean;
}

function byteCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 262_144)
    throw new InvalidArgumentError("It must be a number of bytes from 1 to 262144.");
  return value;
}

function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number from 0 to 9007199254740991.");
  }
  return value;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function withSystemOptions(command: Command, clock: "virtual" | "real"): Command {
  return command
    .addOption(
      new Option("--system <name>", "embedded: a network inside this process; linux: the real kernel")
        .choices(["embedded", "linux"])
        .default("embedded"),
    )
    .option("--rootless", "the real kernel, in user and network namespaces of its own", false)
    .addOption(
      new Option("--seed <n>", "what MAC addresses and other random values follow from")
        .argParser(seed)
        .default(1),
    )
    .addOption(
      new Option("--clock <kind>", "virtual: time jumps; real: it passes")
        .choices(["virtual", "real"])
        .default(clock),
    )
    .addOption(
      new Option("--profile <name>", "versions to be like").choices([...profileNames]).default("linux-6.1"),
    );
}

function port(text: string, before: readonly number[] = []): number[] {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535) throw new InvalidArgumentError("It must be a TCP port.");
  return [...before, value];
}

/** OUTSIDE[:INSIDE] */
function portPair(text: string, before: readonly PortPair[] = []): PortPair[] {
  const [outside = "", inside = outside, more] = text.split(":");
  if (more !== undefined) throw new InvalidArgumentError("It must be OUTSIDE[:INSIDE], two TCP ports.");
  return [...before, { outside: port(outside)[0] ?? 0, inside: port(inside)[0] ?? 0 }];
}

/** For commands that make networks. */
function withMark(command: Command): Command {
  return command.option(
    "--mark",
    "mark what is made on the real kernel: devices by an alias, rows of Open vSwitch by external_ids",
  );
}

/** For commands whose network real clients of Open vSwitch may use. */
function withRundir(command: Command): Command {
  return command
    .option("--ovs-rundir <dir>", "serve the sockets of the embedded Open vSwitch there, for real clients")
    .addOption(
      new Option(
        "--ovsdb-port <port>",
        "serve its database on a TCP port of 127.0.0.1 too (with --ovs-rundir)",
      ).argParser(port),
    )
    .addOption(
      new Option(
        "--publish <outside[:inside]>",
        "a TCP port of 127.0.0.1 that leads to one of the embedded host",
      ).argParser(portPair),
    )
    .addOption(
      new Option(
        "--reach <outside[:inside]>",
        "a TCP port of the embedded host that leads to one of 127.0.0.1",
      ).argParser(portPair),
    );
}

/** Options that say how the embedded system is made. */
const EMBEDDED_ONLY = ["seed", "clock", "profile", "ovsRundir", "ovsdbPort", "publish", "reach"] as const;
const OPTION_NAMES: Readonly<Partial<Record<string, string>>> = {
  ovsRundir: "ovs-rundir",
  ovsdbPort: "ovsdb-port",
};

/** Runs a command on the chosen system. */
async function onSystem<F extends CommonFlags>(
  flags: F,
  command: Command,
  action: (flags: F) => Promise<number>,
): Promise<void> {
  const system = flags.rootless ? "linux" : flags.system;
  const given = EMBEDDED_ONLY.find((name) => command.getOptionValueSource(name) === "cli");
  if (system === "linux" && given !== undefined)
    command.error(
      `error: --${OPTION_NAMES[given] ?? given} is for the embedded system; the real kernel has its own`,
    );
  if (system === "embedded" && flags.mark === true)
    command.error("error: --mark is for the real kernel (--system linux or --rootless)");
  // Real clients live in real time; a clock that was asked for stays.
  const served = flags.ovsRundir ?? flags.publish ?? flags.reach;
  const real = served !== undefined && command.getOptionValueSource("clock") === "default";
  const clock = real ? "real" : flags.clock;
  process.exitCode = flags.rootless ? await rerunRootless() : await action({ ...flags, system, clock });
}

/** Who writes an option of all commands before them is told where it goes. */
const [firstWord = ""] = process.argv.slice(2);
const HINT = /^--(?:system|rootless|seed|clock|profile)\b/.test(firstWord)
  ? `(${firstWord} comes after the command, as in patchcord shell ${firstWord}; see patchcord --help)`
  : "(see patchcord --help)";

const program = new Command("patchcord")
  .description("A virtual-network lab: Linux networking, without Linux and without root.")
  .version(version)
  .showHelpAfterError(HINT)
  .exitOverride()
  .enablePositionalOptions()
  .addHelpText(
    "after",
    `
Examples:
  patchcord shell                              type commands at a prompt: ip, bridge, ping, ...
  patchcord run examples/first-article.sh      run a script
  patchcord run --echo lab.sh                  and show each command before its output
  patchcord capture -w lab.pcapng lab.sh       run it, and keep every packet of every device for Wireshark
  patchcord run --seed 7 lab.sh > out.txt      two runs with one seed are equal to the last byte
  patchcord run --system linux lab.sh          the same on the real kernel (as root)
  patchcord shell --rootless                   the real kernel, in a network of your own (not as root)

A first network, at the prompt of patchcord shell:
  ip netns add ns1; ip netns add ns2
  ip link add veth1 netns ns1 type veth peer name veth2 netns ns2
  ip -n ns1 addr add 10.0.0.1/24 dev veth1; ip -n ns1 link set veth1 up
  ip -n ns2 addr add 10.0.0.2/24 dev veth2; ip -n ns2 link set veth2 up
  ip netns exec ns1 ping -c 3 10.0.0.2

Exit codes: that of the script or shell; 64 wrong usage; 66 a script cannot be read; 70 a bug in Patchcord;
77 the chosen system needs rights that are not there; 124 all programs wait for what cannot happen.`,
  );

withMark(
  withRundir(
    withSystemOptions(
      program
        .command("run")
        .description("run scripts on the embedded system, or on the real kernel")
        .argument("<script...>", "files; - is standard input"),
      "virtual",
    ),
  ),
)
  .option("--echo", "print commands as a terminal shows them", false)
  .option("--keep-going", "go on with the next script after one that failed", false)
  .option("--capture <file>", "keep every packet of every device meanwhile; see patchcord capture")
  .addHelpText(
    "after",
    "\nThe exit code is that of the first script that fails. A script runs as in bash: use `set -e` to stop at errors.",
  )
  .action((scripts: string[], flags: CommonFlags & RunFlags & { capture?: string }, command: Command) =>
    onSystem(flags, command, ({ capture, ...chosen }) =>
      run(scripts, { ...chosen, capture: capture === undefined ? undefined : { write: capture } }),
    ),
  );

withMark(
  withRundir(
    withSystemOptions(
      program
        .command("capture")
        .description("run scripts, and write what every device of every namespace sees into one pcapng file")
        .argument("<script...>", "files; - is standard input"),
      "virtual",
    ),
  ),
)
  .option("--echo", "print commands as a terminal shows them", false)
  .option("--keep-going", "go on with the next script after one that failed", false)
  .option("-i, --interface <pattern>", "only such devices: 'veth*', 'ns1/*'; may be repeated", collect, [])
  .option("-w, --write <file>", "the capture file; - is standard output, for a pipe", "capture.pcapng")
  .option("-f, --filter <expression>", "only such packets, as for tcpdump")
  .option("-s, --snapshot-length <bytes>", "keep no more of a packet than that", byteCount)
  .addHelpText(
    "after",
    `
Interfaces are called NAMESPACE/DEVICE. Every packet has the number of its journey as its id, the same wherever it is seen,
and a comment with the reason if it was dropped:
  patchcord capture -w lab.pcapng examples/tour.sh
  wireshark -Y 'frame.packet_id == 17' lab.pcapng
  patchcord capture --clock real -w - lab.sh | wireshark -k -i -
  sudo patchcord capture --system linux -w all.pcapng lab.sh
On the real kernel it is every network namespace that may be entered. The kernel tells no journeys and no reasons of drops.`,
  )
  .action((scripts: string[], flags: CommonFlags & RunFlags & CaptureChoice, command: Command) =>
    onSystem(flags, command, (chosen) => run(scripts, { ...chosen, capture: chosen })),
  );

withRundir(
  withSystemOptions(
    program
      .command("serve")
      .description("serve the embedded Open vSwitch to real clients until Ctrl-C")
      .argument("[script...]", "what makes the network first"),
    "real",
  ),
).action((scripts: string[], flags: CommonFlags, command: Command) => {
  if (flags.ovsRundir === undefined) command.error("error: serve needs --ovs-rundir <dir>");
  return onSystem(flags, command, async (chosen) => {
    const { serve } = await import("./serve.ts");
    return serve(scripts, chosen);
  });
});

withMark(
  withRundir(
    withSystemOptions(
      program
        .command("shell")
        .description("an interactive shell on the embedded system, or on the real kernel"),
      "real",
    ),
  ),
).action((flags: CommonFlags, command: Command) =>
  onSystem(flags, command, async (chosen) => {
    const { interactive } = await import("./interactive.ts"); // a script's run does without it
    return interactive(chosen);
  }),
);

/**
 * Programs that look at what `patchcord shell` would show. `operands`: of the example in the help; `ofMachine`: without
 * a lab, at the machine itself.
 */
const EXPLAINERS: readonly {
  readonly name: string;
  readonly description: string;
  readonly operands?: string;
  readonly ofMachine?: true;
}[] = [
  {
    name: "trace",
    description: "follow one packet through the network of a lab, and its answer back",
    operands: "green 10.1.0.2",
  },
  {
    name: "why",
    description: "name what keeps one namespace from reaching another, and what mends it",
    operands: "green 10.1.0.2",
  },
  { name: "doctor", description: "look a whole network over, for what is wrong and what mends it" },
  {
    name: "scan",
    description: "show the network of this machine, or of a lab: namespaces, cables, bridges",
    ofMachine: true,
  },
  { name: "map", description: "show which container's eth0 is which device on this host", ofMachine: true },
];

for (const { name, description, operands = "", ofMachine = false } of EXPLAINERS) {
  withSystemOptions(
    program.command(name).description(description).argument("[argument...]", `as for ${name} at the prompt`),
    "virtual",
  )
    .option("--lab <script>", "what makes the network; may be repeated, - is standard input", collect, [])
    .option("--from-scan <file>", "or a machine's network, as scan --json printed it; - is standard input")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[], flags: CommonFlags & { lab: string[] }, command: Command) =>
      // Without a lab they look at the machine that they run on, for which no rights are needed.
      onSystem(
        ofMachine && flags.lab.length === 0 && command.getOptionValueSource("system") !== "cli"
          ? { ...flags, system: "linux" }
          : flags,
        command,
        (chosen) => explain(name, args, { ...chosen, operands, readsOnly: ofMachine }),
      ),
    );
}

program
  .command("attach")
  .description("plug an embedded lab into this machine, by a TAP at each end (as root)")
  .requiredOption("--lab <script>", "what makes the network; may be repeated", collect)
  .option(
    "--host <device>",
    "the TAP on this machine, made if need be; NETNS:DEVICE in a namespace",
    "patch0",
  )
  .option("--inside <device>", "the TAP in the lab, made if need be; NETNS:DEVICE in a namespace", "tap0")
  .addHelpText(
    "after",
    `
The lab's script makes and configures its TAP (ip tuntap add dev tap0 mode tap; ip link set tap0 master br0 up); on this
machine it is configured as any other device, e.g. ip addr add 10.0.0.100/24 dev patch0; ip link set patch0 up.`,
  )
  .action(async (flags: { readonly lab: string[]; readonly host: string; readonly inside: string }) => {
    const { attach } = await import("./attach.ts");
    process.exitCode = await attach({
      system: "embedded",
      clock: "real",
      profile: "linux-6.1",
      seed: 1,
      ...flags,
    });
    process.exit();
  });

program
  .command("cleanup")
  .description("remove what ended runs have left on the real kernel, and nothing else")
  .option("--all", "also what runs that go on have made", false)
  .option("--marked", "also what bears a mark of an ended run (--mark), if no record of it is left", false)
  .option("-n, --dry-run", "only tell", false)
  .action(async (flags: { readonly all: boolean; readonly dryRun: boolean; readonly marked: boolean }) => {
    const { cleanUp } = await import("./cleanup.ts");
    process.exitCode = await cleanUp(flags);
  });

program
  .command("completion")
  .description("print a completion script: source <(patchcord completion bash)")
  .addArgument(program.createArgument("<shell>", "bash, zsh or fish").choices(["bash", "zsh", "fish"]))
  .action((shell: "bash" | "zsh" | "fish") => {
    process.stdout.write(completionScript(shell, program));
  });

for (const command of program.commands)
  command.showHelpAfterError(`(see patchcord ${command.name()} --help)`);

// Who reads the output may stop before its end, as `| head -1` does: a program that runs gets SIGPIPE, and all else is lost.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

const USAGE = 64;
const SOFTWARE = 70;
const NO_PERMISSION = 77;
/** As timeout(1) says that a command did not end. */
const STALLED = 124;

try {
  await program.parseAsync();
} catch (error) {
  const { code, exitCode, stack } = error as { code?: string; exitCode?: number; stack?: string };
  if (code?.startsWith("commander.")) process.exitCode = exitCode === 0 ? 0 : USAGE;
  else if (error instanceof SystemUnusable) {
    process.stderr.write(`patchcord: ${error.message}\n`);
    process.exitCode = NO_PERMISSION;
  } else if (error instanceof Stalled) {
    process.stderr.write(
      `patchcord: stopped, since nothing more can happen: this would wait for ever: ${error.message}\n`,
    );
    process.exitCode = STALLED;
  } else {
    process.stderr.write(`patchcord: this is a bug, please report it:\n${stack ?? String(error)}\n`);
    process.exitCode = SOFTWARE;
  }
}
process.stdin.unref?.();
