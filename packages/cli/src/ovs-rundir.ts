// `--ovs-rundir DIR`: the sockets of the embedded Open vSwitch, served as real unix sockets in a directory, so that real
// clients (ovs-vsctl, ovs-ofctl, ovs-appctl, ovsdb-client with OVS_RUNDIR=DIR) use them. Sockets come and go with bridges.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import type { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type { StreamSocket } from "@patchcord/core/system/stream-sockets.ts";
import { carry } from "./carry.ts";
import { importNative } from "./native-part.ts";
import { OutsideSockets } from "./outside-sockets.ts";

const EMBEDDED_RUNDIR = "/run/openvswitch";
const SOCKET_MODE = 0o600; // nobody but the one who runs it

export interface RundirOptions {
  readonly directory: string;
  /** TCP ports on 127.0.0.1 that lead to the database, as ptcp:PORT of ovsdb-server. */
  readonly tcpPorts?: readonly number[];
}

/** The directory cannot be used. */
export class RundirUnusable extends Error {}

export class OvsRundir {
  readonly #system: EmbeddedSystem;
  readonly #wake: () => void;
  readonly #directory: string;
  readonly #servers = new Map<string, Server>();
  readonly #connections = new Set<Socket>();
  readonly #tcp: Server[] = [];
  /** What gives up the pid file of a daemon, by the file's name. */
  readonly #pidFiles = new Map<string, () => void>();
  readonly #holdPidFile: (path: string) => () => void;
  readonly #unsubscribe: () => void;
  readonly #outside: OutsideSockets;

  /** Errors: RundirUnusable. */
  static async open(system: EmbeddedSystem, options: RundirOptions, wake: () => void): Promise<OvsRundir> {
    const { directory, tcpPorts = [] } = options;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new RundirUnusable(`${directory}: ${(error as Error).message}`);
    }
    const rundir = new OvsRundir(system, directory, wake, await pidFileHolder());
    try {
      await rundir.#follow();
      for (const port of tcpPorts) await rundir.#listenTcp(port);
    } catch (error) {
      rundir.close();
      throw new RundirUnusable(`${directory}: ${(error as Error).message}`);
    }
    return rundir;
  }

  private constructor(
    system: EmbeddedSystem,
    directory: string,
    wake: () => void,
    holdPidFile: (path: string) => () => void,
  ) {
    this.#system = system;
    this.#directory = directory;
    this.#wake = wake;
    this.#holdPidFile = holdPidFile;
    this.#outside = new OutsideSockets(
      system,
      directory,
      EMBEDDED_RUNDIR,
      (name) => this.#servers.has(name) || isServed(system, name),
      wake,
    );
    this.#unsubscribe = system.unixSockets.subscribe(() => void this.#follow());
  }

  get #caller(): { readonly pid: number; readonly cwd: string; readonly netns: { readonly inode: number } } {
    return { pid: 1, cwd: "/", netns: this.#system.initialNetns };
  }

  /** Makes the directory's sockets those of the embedded one. */
  async #follow(): Promise<void> {
    const files = this.#system.files(this.#caller);
    const names = files.readDirectory(EMBEDDED_RUNDIR);
    const sockets = new Map<string, string>();
    for (const name of names) {
      const path = `${EMBEDDED_RUNDIR}/${name}`;
      if (files.linkStatus(path).type === "socket" && !this.#outside.has(name))
        sockets.set(realName(name), path);
      if (name.endsWith(".pid") && !this.#pidFiles.has(name))
        this.#pidFiles.set(name, this.#holdPidFile(join(this.#directory, name)));
    }
    for (const [name, server] of this.#servers) {
      if (sockets.has(name)) continue;
      this.#servers.delete(name);
      server.close();
    }
    for (const [name, path] of sockets) if (!this.#servers.has(name)) await this.#listen(name, path);
  }

  async #listen(name: string, path: string): Promise<void> {
    const file = join(this.#directory, name);
    const server = this.#serverFor(path);
    this.#servers.set(name, server);
    rmSync(file, { force: true }); // left by a run that was killed
    const mask = process.umask(0o177);
    try {
      await listening(server, () => server.listen(file));
      chmodSync(file, SOCKET_MODE);
    } finally {
      process.umask(mask);
    }
  }

  async #listenTcp(port: number): Promise<void> {
    const server = this.#serverFor(`${EMBEDDED_RUNDIR}/db.sock`);
    this.#tcp.push(server);
    await listening(server, () => server.listen(port, "127.0.0.1"));
  }

  #serverFor(path: string): Server {
    return createServer((socket) => {
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
      let stream: StreamSocket;
      try {
        stream = this.#system.connectStream(this.#caller, { family: "unix", path });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        socket.destroy();
        return;
      }
      carry(socket, stream, this.#wake);
      this.#wake();
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#outside.close();
    for (const server of [...this.#servers.values(), ...this.#tcp]) server.close();
    for (const socket of this.#connections) socket.destroy();
    for (const [name, release] of this.#pidFiles) {
      rmSync(join(this.#directory, name), { force: true });
      release();
    }
    this.#pidFiles.clear();
  }
}

/** A socket that an earlier run has left, in whose place the embedded one's will be. */
function isServed(system: EmbeddedSystem, name: string): boolean {
  const caller = { pid: 1, cwd: "/", netns: system.initialNetns };
  return system
    .files(caller)
    .readDirectory(EMBEDDED_RUNDIR)
    .some((each) => realName(each) === name);
}

/** Linux's clients want a locked file; elsewhere one that can be read will do. */
async function pidFileHolder(): Promise<(path: string) => () => void> {
  if (process.platform === "linux")
    return (await importNative(() => import("@patchcord/linux/pid-file.ts"))).holdPidFile;
  return (path) => {
    writeFileSync(path, `${process.pid}\n`, { mode: SOCKET_MODE });
    return () => {};
  };
}

/** Real clients find a control socket by the process id in the pid file, which is this process's. */
function realName(name: string): string {
  return name.replace(/^(ovs-vswitchd|ovsdb-server)\.\d+\.ctl$/, `$1.${process.pid}.ctl`);
}

function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    start();
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
