// ethtool(8), version 6.1: options and the table of commands. Each command is in the file of its sort.

import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import type { Process } from "../../system/process.ts";
import {
  setChannels,
  setCoalescing,
  setEee,
  setFec,
  setModule,
  setPause,
  setPrivateFlags,
  setRings,
} from "./change.ts";
import { setSettings } from "./change-settings.ts";
import { setFeatures, showFeatures } from "./features.ts";
import * as ioctl from "./ioctl-commands.ts";
import { showModuleEeprom } from "./module-eeprom.ts";
import { EthtoolSession, WILDCARD } from "./session.ts";
import { showSettings } from "./settings.ts";
import * as show from "./show.ts";
import { USAGE, VERSION } from "./usage.ts";

const LONGEST_IOCTL_NAME = 15; // IFNAMSIZ without the NUL

interface Command {
  readonly options: readonly string[];
  readonly run: (session: EthtoolSession) => number;
  /** Over netlink: long names and the wildcard are possible. */
  readonly netlink?: boolean;
  readonly json?: boolean;
  /** Takes no device. */
  readonly alone?: boolean;
}

const overNetlink = (run: Command["run"], ...options: readonly string[]): Command => ({
  options,
  run,
  netlink: true,
});
const overIoctl = (run: Command["run"], ...options: readonly string[]): Command => ({ options, run });
const missing = (...options: readonly string[]): Command => ({
  options,
  run: (session) => session.notImplemented(`'${session.option}'`),
});
/** What needs more than a device. */
const missingWithOperands = (...options: readonly string[]): Command => ({
  options,
  run: (session) =>
    session.args.length === 0 ? session.badArguments() : session.notImplemented(`'${session.option}'`),
});

const COMMANDS: readonly Command[] = [
  overNetlink(setSettings, "-s", "--change"),
  { ...overNetlink(show.showPause, "-a", "--show-pause"), json: true },
  overNetlink(setPause, "-A", "--pause"),
  overNetlink(show.showCoalescing, "-c", "--show-coalesce"),
  overNetlink(setCoalescing, "-C", "--coalesce"),
  overNetlink(show.showRings, "-g", "--show-ring"),
  overNetlink(setRings, "-G", "--set-ring"),
  { ...overNetlink(showFeatures, "-k", "--show-features", "--show-offload"), json: true },
  overNetlink(setFeatures, "-K", "--features", "--offload"),
  overIoctl(ioctl.showDriver, "-i", "--driver"),
  overIoctl(ioctl.dumpRegisters, "-d", "--register-dump"),
  overIoctl(ioctl.dumpEeprom, "-e", "--eeprom-dump"),
  missing("-E", "--change-eeprom"),
  overIoctl(ioctl.restartNegotiation, "-r", "--negotiate"),
  overIoctl(ioctl.identify, "-p", "--identify"),
  overIoctl(ioctl.test, "-t", "--test"),
  { ...overIoctl(ioctl.showStatistics, "-S", "--statistics"), json: true },
  overIoctl(ioctl.showPhyStatistics, "--phy-statistics"),
  overIoctl(ioctl.showRules, "-n", "-u", "--show-nfc", "--show-ntuple"),
  missingWithOperands("-N", "-U", "--config-nfc", "--config-ntuple"),
  overNetlink(show.showTimestamping, "-T", "--show-time-stamping"),
  overIoctl(ioctl.showHashTable, "-x", "--show-rxfh-indir", "--show-rxfh"),
  missingWithOperands("-X", "--set-rxfh-indir", "--rxfh"),
  missing("-f", "--flash"),
  overNetlink(show.showPermanentAddress, "-P", "--show-permaddr"),
  overIoctl(ioctl.showDump, "-w", "--get-dump"),
  missingWithOperands("-W", "--set-dump"),
  overNetlink(show.showChannels, "-l", "--show-channels"),
  overNetlink(setChannels, "-L", "--set-channels"),
  overNetlink(show.showOther(ETHTOOL_MSG.PRIVFLAGS_GET, "private flags"), "--show-priv-flags"),
  overNetlink(setPrivateFlags, "--set-priv-flags"),
  overNetlink(showModuleEeprom, "-m", "--dump-module-eeprom", "--module-info"),
  overNetlink(show.showOther(ETHTOOL_MSG.EEE_GET, "EEE settings"), "--show-eee"),
  overNetlink(setEee, "--set-eee"),
  missingWithOperands("--set-phy-tunable", "--get-phy-tunable", "--get-tunable", "--set-tunable"),
  missing("--reset"),
  { ...overNetlink(show.showOther(ETHTOOL_MSG.FEC_GET, "FEC settings"), "--show-fec"), json: true },
  overNetlink(setFec, "--set-fec"),
  missingWithOperands("-Q", "--per-queue"),
  overNetlink(show.showOther(ETHTOOL_MSG.CABLE_TEST_ACT, "the result of a cable test"), "--cable-test"),
  overNetlink(
    show.showOther(ETHTOOL_MSG.CABLE_TEST_TDR_ACT, "the result of a cable test"),
    "--cable-test-tdr",
  ),
  overNetlink(show.showOther(ETHTOOL_MSG.TUNNEL_INFO_GET, "tunnel offload"), "--show-tunnels"),
  { ...overNetlink(show.showModule, "--show-module"), json: false },
  overNetlink(setModule, "--set-module"),
  { options: ["-h", "--help"], alone: true, run: (session) => print(session, VERSION + USAGE) },
  { options: ["--version"], alone: true, run: (session) => print(session, VERSION) },
  { ...missing("--monitor"), alone: true },
];

const SETTINGS: Command = overNetlink(showSettings);

function print(session: EthtoolSession, text: string): number {
  session.print(text);
  return 0;
}

/** The program `ethtool`. */
export function ethtool(process: Process): number {
  const words = process.argv.slice(1);
  let json = false;
  let statistics = false;
  const given = (option: string, device = "", args: readonly string[] = []): EthtoolSession =>
    new EthtoolSession(process, { option, device, args, json, statistics });
  for (;;) {
    const [word] = words;
    if (word === "--json") json = true;
    else if (word === "-I" || word === "--include-statistics") statistics = true;
    else break;
    words.shift();
  }
  const [first] = words;
  if (first === undefined) return given("").badArguments();
  if (first === "--debug") return given(first).notImplemented("'--debug'");
  const found = COMMANDS.find((command) => command.options.includes(first));
  if (!found && first.startsWith("-")) return given("").badArguments();
  const command = found ?? SETTINGS;
  const option = found ? first : "";
  if (found) words.shift();
  const device = command.alone === true ? "" : words.shift();
  if (device === undefined) return given(option).badArguments();
  const session = given(option, device, words);
  if (json && command.json !== true) return session.badArguments();
  if (command.netlink !== true && command.alone !== true) checkIoctlDevice(session, option);
  return command.run(session);
}

/** What only the ioctl can do has no wildcard, and takes names as long as its structure has room for. */
function checkIoctlDevice(session: EthtoolSession, option: string): void {
  const statistics = (option === "-S" || option === "--statistics") && session.args.length > 0;
  if (statistics) return;
  if (session.device === WILDCARD) {
    session.warn("ethtool netlink support for subcommand missing, wildcard dump not supported\n");
    session.process.exit(1);
  }
  if (session.device.length > LONGEST_IOCTL_NAME) {
    session.warn(
      "ethtool netlink support for subcommand missing, device name longer than 15 not supported\n",
    );
    session.process.exit(1);
  }
}
