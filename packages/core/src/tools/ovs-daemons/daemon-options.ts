// What the command lines of Open vSwitch's daemons have in common (lib/daemon.h, lib/vlog.h): going into the background, the pid
// file, the log, the control socket, and where all of these are by default.

import type { SslStart } from "../../system/switch-daemons.ts";
import type { Process } from "../../system/process.ts";
import type { OptionSpec, ParsedOption } from "../ovsdb/options.ts";
import { LOG_OPTIONS, SSL_OPTIONS } from "../ovsdb/shared-options.ts";
import { runDirectory } from "../ovsdb/remote.ts";
import { readText } from "../resolver/databases.ts";

export const DAEMON_OPTIONS: readonly OptionSpec[] = [
  { name: "help", short: "h", argument: "none" },
  { name: "version", short: "V", argument: "none" },
  { name: "detach", argument: "none" },
  { name: "no-chdir", argument: "none" },
  { name: "no-self-confinement", argument: "none" },
  { name: "monitor", argument: "none" },
  { name: "user", argument: "required" },
  { name: "pidfile", argument: "optional" },
  { name: "overwrite-pidfile", argument: "none" },
  { name: "unixctl", argument: "required" },
  { name: "peer-ca-cert", argument: "required" },
  ...LOG_OPTIONS,
  ...SSL_OPTIONS,
];

/** What is wrong with --user=[USER][:GROUP]: the embedded system has nobody but root. Whom there is, one goes on as root none the less. */
export function userFault(
  process: Process,
  options: readonly { readonly name: string; readonly value?: string | undefined }[],
): string | undefined {
  const given = options.findLast(({ name }) => name === "user")?.value;
  const [user = "", group = ""] = given?.split(":") ?? [];
  const isKnown = (name: string, path: string): boolean =>
    name === "" ||
    name === "root" ||
    (readText(process, path) ?? "").split("\n").some((line) => line.startsWith(`${name}:`));
  if (!isKnown(user, "/etc/passwd")) return `(null): user ${user} not found, aborting.`;
  return isKnown(group, "/etc/group") ? undefined : `(null): group ${group} not found, aborting.`;
}

export interface DaemonSettings {
  /** What is wrong with the user that it is to run as. */
  readonly userFault: string | undefined;
  readonly program: string;
  readonly detach: boolean;
  readonly changesDirectory: boolean;
  /** Absolute; undefined: none. */
  readonly pidFile: string | undefined;
  readonly overwritesPidFile: boolean;
  readonly control: string | undefined;
  readonly logFile: string | undefined;
  readonly verbosity: readonly string[];
  readonly ssl: SslStart;
}

export function readDaemonOptions(
  process: Process,
  program: string,
  options: readonly ParsedOption[],
): DaemonSettings {
  const last = (name: string) => options.findLast((option) => option.name === name);
  const given = (name: string) => last(name) !== undefined;
  const pidFile = last("pidfile");
  const logFile = last("log-file");
  const control = last("unixctl")?.value;
  const authority = options.findLast(({ name }) => name === "ca-cert" || name === "bootstrap-ca-cert");
  const logDirectory = process.env.get("OVS_LOGDIR") ?? "/var/log/openvswitch";
  return {
    program,
    userFault: userFault(process, options),
    detach: given("detach"),
    changesDirectory: !given("no-chdir"),
    pidFile: pidFile && absolute(pidFile.value ?? `${program}.pid`, runDirectory(process)),
    overwritesPidFile: given("overwrite-pidfile"),
    control: control === undefined ? undefined : absolute(control, runDirectory(process)),
    logFile: logFile && absolute(logFile.value ?? `${program}.log`, logDirectory),
    verbosity: options.filter(({ name }) => name === "verbose").map(({ value }) => value ?? ""),
    ssl: {
      privateKey: last("private-key")?.value,
      certificate: last("certificate")?.value,
      authority: authority && {
        file: authority.value ?? "",
        bootstrap: authority.name === "bootstrap-ca-cert",
      },
      peerAuthority: last("peer-ca-cert")?.value,
      protocols: last("ssl-protocols")?.value,
      ciphers: last("ssl-ciphers")?.value,
    },
  };
}

/** abs_file_name() */
export function absolute(name: string, directory: string): string {
  if (name.startsWith("/")) return name;
  return directory.endsWith("/") ? `${directory}${name}` : `${directory}/${name}`;
}

/** Paths inside a remote, as the daemon's working directory makes them absolute. */
export function absoluteRemote(remote: string, process: Process): string {
  const match = /^(p?unix):(.*)$/s.exec(remote);
  if (match?.[1] === undefined || match[2] === undefined) return remote;
  return `${match[1]}:${absolute(match[2], runDirectory(process))}`;
}
