// Unix sockets of other programs in the run directory, as sockets of the embedded system: so its switch reaches a controller
// that listens there, by `ovs-vsctl set-controller br0 unix:/var/run/openvswitch/NAME`.

import type { FSWatcher } from "node:fs";
import { lstatSync, readdirSync, watch } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import type { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { carry } from "./carry.ts";

export class OutsideSockets {
  readonly #system: EmbeddedSystem;
  readonly #directory: string;
  readonly #embedded: string;
  readonly #wake: () => void;
  /** Names that this process itself listens on. */
  readonly #own: (name: string) => boolean;
  readonly #services = new Map<string, () => void>();
  readonly #connections = new Set<Socket>();
  readonly #watcher: FSWatcher;

  constructor(
    system: EmbeddedSystem,
    directory: string,
    embedded: string,
    own: (name: string) => boolean,
    wake: () => void,
  ) {
    this.#system = system;
    this.#directory = directory;
    this.#embedded = embedded;
    this.#own = own;
    this.#wake = wake;
    this.#watcher = watch(directory, () => this.#follow());
    this.#follow();
  }

  has(name: string): boolean {
    return this.#services.has(name);
  }

  #follow(): void {
    const there = new Set(
      readdirSync(this.#directory).filter(
        (name) => (this.#services.has(name) || !this.#own(name)) && this.#isSocket(name),
      ),
    );
    for (const [name, end] of this.#services) {
      if (there.has(name)) continue;
      this.#services.delete(name);
      end();
    }
    for (const name of there) if (!this.#services.has(name)) this.#offer(name);
  }

  #isSocket(name: string): boolean {
    return lstatSync(join(this.#directory, name), { throwIfNoEntry: false })?.isSocket() ?? false;
  }

  #offer(name: string): void {
    const path = `${this.#embedded}/${name}`;
    this.#services.set(name, () => {}); // known before others are told of it
    const service = this.#system.unixSockets.serve(path, 0o755, (stream) => {
      const socket = connect(join(this.#directory, name));
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
      carry(socket, stream, this.#wake);
    });
    this.#services.set(name, () => service.close());
    this.#wake();
  }

  close(): void {
    this.#watcher.close();
    for (const end of this.#services.values()) end();
    for (const socket of this.#connections) socket.destroy();
  }
}
