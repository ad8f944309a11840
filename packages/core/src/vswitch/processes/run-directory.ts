// Unix sockets whose path does not say in full where they are lie in the run directory of whoever names them (ovs(7)).

import type { TargetAddress } from "../stream-host.ts";
import type { ManagerHost } from "../ovsdb/remotes.ts";

export function absoluteSocket(path: string, directory: string): string {
  return path.startsWith("/") ? path : `${directory}/${path}`;
}

/** /var/run is a link to /run. */
export function plainPath(path: string): string {
  return path.startsWith("/var/run/") ? path.slice("/var".length) : path;
}

/** The same host for a daemon with that run directory. */
export function inRunDirectory(host: ManagerHost, directory: string): ManagerHost {
  const whole = (address: TargetAddress): TargetAddress =>
    address.family === "unix" ? { family: "unix", path: absoluteSocket(address.path, directory) } : address;
  return {
    monotonic: () => host.monotonic(),
    after: (delay, fire) => host.after(delay, fire),
    connectStream: (address) => host.connectStream(whole(address)),
    listenStream: (address, mode, connected, bound) =>
      host.listenStream(whole(address), mode, connected, bound),
  };
}
