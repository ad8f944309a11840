// The daemons that the system has from the beginning: who they are, and how the start script of the Debian package calls them.

/** /var/run is a link to /run. */
export const USERS_RUN_DIRECTORY = "/var/run/openvswitch";

/** Where the Debian package keeps the database. */
export const DATABASE_FILE = "/var/lib/openvswitch/conf.db";

export const LOG_DIRECTORY = "/var/log/openvswitch";

/** Levels of the log. */
export const VERBOSITY = ["console:emer", "syslog:err", "file:info"];

export type StandardName = "ovsdb-server" | "ovs-vswitchd";

/** Process ids that their files name; below those that the system gives to programs. */
export const STANDARD_PIDS: Readonly<Record<StandardName, number>> = {
  "ovsdb-server": 979,
  "ovs-vswitchd": 980,
};

export const STANDARD_NAMES: readonly StandardName[] = ["ovsdb-server", "ovs-vswitchd"];

function commandLine(name: StandardName, first: string, ...rest: readonly string[]): readonly string[] {
  return [
    name,
    first,
    ...VERBOSITY.map((level) => `-v${level}`),
    ...rest,
    "--no-chdir",
    `--log-file=${LOG_DIRECTORY}/${name}.log`,
    `--pidfile=${USERS_RUN_DIRECTORY}/${name}.pid`,
    "--detach",
  ];
}

export const STANDARD_COMMAND_LINES: Readonly<Record<StandardName, readonly string[]>> = {
  "ovsdb-server": commandLine(
    "ovsdb-server",
    DATABASE_FILE,
    `--remote=punix:${USERS_RUN_DIRECTORY}/db.sock`,
    "--private-key=db:Open_vSwitch,SSL,private_key",
    "--certificate=db:Open_vSwitch,SSL,certificate",
    "--bootstrap-ca-cert=db:Open_vSwitch,SSL,ca_cert",
  ),
  "ovs-vswitchd": commandLine("ovs-vswitchd", `unix:${USERS_RUN_DIRECTORY}/db.sock`, "--mlockall"),
};
