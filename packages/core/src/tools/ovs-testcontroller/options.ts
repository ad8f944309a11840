// The command line of ovs-testcontroller(8).

import { ALL_VERSIONS, parseVersions } from "../ovs-ofctl/options.ts";
import { DAEMON_OPTIONS } from "../ovs-daemons/daemon-options.ts";
import { OptionError } from "../ovsdb/options.ts";
import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";

export const OPTIONS: readonly OptionSpec[] = [
  { name: "hub", short: "H", argument: "none" },
  { name: "noflow", short: "n", argument: "none" },
  { name: "normal", short: "N", argument: "none" },
  { name: "wildcards", short: "w", argument: "optional" },
  { name: "max-idle", argument: "required" },
  { name: "mute", argument: "none" }, // the original takes it, and answers all the same
  { name: "queue", short: "q", argument: "required" },
  { name: "port-queue", short: "Q", argument: "required" },
  { name: "with-flows", argument: "required" },
  { name: "protocols", short: "O", argument: "required" },
  ...DAEMON_OPTIONS,
];

export interface ControllerConfig {
  /** False: all is flooded, with -N too, which is to say "normal" where an address is known, and never knows any. */
  readonly learns: boolean;
  /** Seconds that flows live without packets, 0 for ever; undefined: no flows are made. */
  readonly maxIdle: number | undefined;
  /** Fields of OpenFlow 1.0 that flows say nothing of (OFPFW10_*). */
  readonly wildcards: number;
  readonly queue: number | undefined;
  /** By the name of the port that packets come in by. */
  readonly portQueues: ReadonlyMap<string, number>;
  readonly flowFiles: readonly string[];
  /** Bit N: version N. */
  readonly versions: number;
}

/** All but the ports, source and destination addresses and the VLAN, which learning needs. */
const LEARNABLE = 0x2820f0 | (1 << 20);
const DEFAULT_MAX_IDLE = 60;

/** Errors: OptionError, Fatal. `warn` is told of options that exclude each other. */
export function readConfig(options: readonly ParsedOption[], warn: (text: string) => void): ControllerConfig {
  let mode: "learn" | "hub" | "normal" = "learn";
  let makesFlows = true;
  let maxIdle = DEFAULT_MAX_IDLE;
  let wildcards = 0;
  let queue: number | undefined;
  let versions = ALL_VERSIONS;
  const portQueues = new Map<string, number>();
  const flowFiles: string[] = [];
  for (const { name, value = "" } of options) {
    switch (name) {
      case "hub":
      case "normal":
        mode = name;
        break;
      case "noflow":
        makesFlows = false;
        break;
      case "wildcards":
        wildcards = value === "" ? LEARNABLE : Number.parseInt(value, 16) || 0;
        break;
      case "max-idle":
        maxIdle = idleOf(value);
        break;
      case "queue":
        queue = Number.parseInt(value, 10) || 0;
        break;
      case "port-queue":
        addPortQueue(portQueues, value);
        break;
      case "with-flows":
        flowFiles.push(value);
        break;
      case "protocols":
        versions = parseVersions(value);
    }
  }
  if (queue !== undefined || portQueues.size > 0) {
    if (mode === "normal") warn("queue IDs are incompatible with -N or --normal; not using OFPP_NORMAL");
    if (mode === "hub") warn("queue IDs are incompatible with -H or --hub; not acting as hub");
    mode = "learn";
  }
  return {
    learns: mode === "learn",
    maxIdle: makesFlows ? maxIdle : undefined,
    wildcards,
    queue,
    portQueues,
    flowFiles,
    versions,
  };
}

function idleOf(text: string): number {
  if (text === "permanent") return 0;
  const seconds = Number.parseInt(text, 10) || 0;
  if (seconds >= 1 && seconds <= 65535) return seconds;
  throw new OptionError("--max-idle argument must be between 1 and 65535 or the word 'permanent'");
}

function addPortQueue(queues: Map<string, number>, text: string): void {
  const [, port, queue] = /^:*([^:]+):+([^:]+)/.exec(text) ?? [];
  if (port === undefined || queue === undefined) {
    throw new OptionError('argument to -Q or --port-queue should take the form "<port-name>:<queue-id>"');
  }
  if (queues.has(port)) throw new OptionError("<port-name> arguments for -Q or --port-queue must be unique");
  queues.set(port, Number.parseInt(queue, 10) || 0);
}
