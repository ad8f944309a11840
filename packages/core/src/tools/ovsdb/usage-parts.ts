// Parts of --help that the programs of Open vSwitch have in common (lib/stream.c, lib/daemon-unix.c, lib/vlog.c).

import type { Process } from "../../system/process.ts";
import { runDirectory } from "./remote.ts";

export function activeMethods(of: string): string {
  return `Active ${of} connection methods:
  tcp:HOST:PORT           PORT at remote HOST
  ssl:HOST:PORT           SSL PORT at remote HOST
  unix:FILE               Unix domain socket named FILE
`;
}

export function passiveMethods(of: string): string {
  return `Passive ${of} connection methods:
  ptcp:PORT[:IP]          listen to TCP PORT on IP
  pssl:PORT[:IP]          listen for SSL on PORT on IP
  punix:FILE              listen on Unix domain socket FILE
`;
}

export const KEY_OPTIONS = `PKI configuration (required to use SSL):
  -p, --private-key=FILE  file with private key
  -c, --certificate=FILE  file with certificate for private key
  -C, --ca-cert=FILE      file with peer CA certificate
`;

export const TLS_OPTIONS = `${KEY_OPTIONS}  --bootstrap-ca-cert=FILE  file with peer CA certificate to read or create
SSL options:
  --ssl-protocols=PROTOS  list of SSL protocols to enable
  --ssl-ciphers=CIPHERS   list of SSL ciphers to enable
`;

export function daemonOptions(process: Process, program: string): string {
  return `Daemon options:
  --detach                run in background as daemon
  --monitor               creates a process to monitor this daemon
  --user=username[:group] changes the effective daemon user:group
  --no-chdir              do not chdir to '/'
  --pidfile[=FILE]        create pidfile (default: ${runDirectory(process)}/${program}.pid)
  --overwrite-pidfile     with --pidfile, start even if already running
`;
}

export function loggingOptions(process: Process, program: string): string {
  const folder = process.env.get("OVS_LOGDIR") ?? "/var/log/openvswitch";
  return `Logging options:
  -vSPEC, --verbose=SPEC   set logging levels
  -v, --verbose            set maximum verbosity level
  --log-file[=FILE]        enable logging to specified FILE
                           (default: ${folder}/${program}.log)
  --syslog-method=(libc|unix:file|udp:ip:port)
                           specify how to send messages to syslog daemon
  --syslog-target=HOST:PORT  also send syslog msgs to HOST:PORT via UDP
`;
}
